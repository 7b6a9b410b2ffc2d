// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";

import {INodeStaking, Node, NodeState} from "../interfaces/INodeStaking.sol";
import {Names} from "../libraries/Names.sol";
import {Shares} from "../libraries/Shares.sol";

/// @title NodeStaking
/// @notice Deposits of the node providers. See {INodeStaking}.
contract NodeStaking is INodeStaking, AccessControl {
    bytes32 public constant ESCROW_ROLE = keccak256("ESCROW_ROLE");
    bytes32 public constant RATER_ROLE = keccak256("RATER_ROLE");
    uint8 public constant TRAINER = 1;
    uint8 public constant VALIDATOR = 2;
    uint32 public constant INITIAL_RATING_BPS = 5_000;
    uint32 public constant MAX_RATING_BPS = 10_000;

    uint256 public immutable minDeposit;
    uint64 public immutable unbondingPeriod;

    uint256 public totalActive;
    uint256 public totalUnbonding;
    uint256 public totalSlashedUnclaimed;
    mapping(address account => uint256) public credit;
    mapping(address nodeKey => address) public providerOf;
    mapping(address account => bool) public isBanned;

    mapping(address provider => Node) private _nodes;
    mapping(bytes32 nameId => address) private _nameOwner;
    mapping(address provider => uint256 block_) private _stakedAt;
    address[] private _active;
    mapping(address provider => uint256) private _activeIndex;

    constructor(address admin, uint256 minDeposit_, uint64 unbondingPeriod_) {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        minDeposit = minDeposit_;
        unbondingPeriod = unbondingPeriod_;
    }

    /* ---------------------------------------------- providers ---------------------------------------------- */

    /// @inheritdoc INodeStaking
    function register(string calldata name, address nodeKey, uint8 roles) external payable {
        Node storage n = _nodes[msg.sender];
        if (isBanned[msg.sender]) revert NodeStaking_Banned(msg.sender);
        if (isBanned[nodeKey]) revert NodeStaking_Banned(nodeKey);
        if (n.state != NodeState.None) revert NodeStaking_AlreadyRegistered(msg.sender);
        if (!Names.valid(name)) revert NodeStaking_BadName(name);
        bytes32 nameId = Names.id(name);
        if (_nameOwner[nameId] != address(0)) revert NodeStaking_NameTaken(name);
        if (nodeKey == address(0)) revert NodeStaking_BadNodeKey(nodeKey);
        if (providerOf[nodeKey] != address(0)) revert NodeStaking_NodeKeyTaken(nodeKey);
        if (roles == 0 || roles > (TRAINER | VALIDATOR)) revert NodeStaking_BadRoles(roles);
        if (msg.value < minDeposit) revert NodeStaking_DepositTooSmall(msg.value, minDeposit);

        // A bad rating is not washed off by leaving and coming back.
        if (_stakedAt[msg.sender] == 0) n.rating = INITIAL_RATING_BPS;
        n.name = name;
        n.nodeKey = nodeKey;
        n.roles = roles;
        n.deposit = msg.value;
        n.state = NodeState.Active;
        _nameOwner[nameId] = msg.sender;
        providerOf[nodeKey] = msg.sender;
        _stakedAt[msg.sender] = block.number;
        _activeIndex[msg.sender] = _active.length;
        _active.push(msg.sender);
        totalActive += msg.value;

        emit NodeRegistered(msg.sender, nodeKey, name, roles, msg.value);
    }

    /// @inheritdoc INodeStaking
    function topUp() external payable {
        Node storage n = _nodes[msg.sender];
        if (n.state != NodeState.Active) revert NodeStaking_NotActive(msg.sender);

        n.deposit += msg.value;
        _stakedAt[msg.sender] = block.number;
        totalActive += msg.value;

        emit DepositIncreased(msg.sender, msg.value, n.deposit);
    }

    /// @inheritdoc INodeStaking
    function requestExit() external {
        Node storage n = _nodes[msg.sender];
        if (n.state != NodeState.Active) revert NodeStaking_NotActive(msg.sender);

        n.state = NodeState.Exiting;
        n.exitAt = uint64(block.timestamp) + unbondingPeriod;
        totalActive -= n.deposit;
        totalUnbonding += n.deposit;
        _removeActive(msg.sender);

        emit ExitRequested(msg.sender, n.exitAt);
    }

    /// @inheritdoc INodeStaking
    function withdraw() external {
        Node storage n = _nodes[msg.sender];
        if (n.state != NodeState.Exiting) revert NodeStaking_NotExiting(msg.sender);
        if (block.timestamp < n.exitAt) revert NodeStaking_StillUnbonding(msg.sender, n.exitAt);
        if (n.assignedJobs > 0) revert NodeStaking_StillAssigned(msg.sender, n.assignedJobs);
        if (n.frozen > 0) revert NodeStaking_Frozen(msg.sender);

        uint256 amount = n.deposit;
        uint32 rating = n.rating;
        totalUnbonding -= amount;
        delete _nameOwner[Names.id(n.name)];
        delete providerOf[n.nodeKey];
        delete _nodes[msg.sender];
        n.rating = rating;

        emit DepositWithdrawn(msg.sender, amount);
        _send(msg.sender, amount);
    }

    /// @inheritdoc INodeStaking
    function withdrawCredit() external {
        _withdrawCredit(msg.sender);
    }

    /// @inheritdoc INodeStaking
    function withdrawCreditFor(address account) external {
        _withdrawCredit(account);
    }

    /* ------------------------------------------ escrow and raters ------------------------------------------ */

    /// @inheritdoc INodeStaking
    function lock(address[] calldata nodes) external onlyRole(ESCROW_ROLE) {
        for (uint256 i; i < nodes.length; ++i) {
            Node storage n = _nodes[nodes[i]];
            if (n.state != NodeState.Active) revert NodeStaking_NotActive(nodes[i]);
            if (n.frozen > 0) revert NodeStaking_Frozen(nodes[i]);
            ++n.assignedJobs;
        }
    }

    /// @inheritdoc INodeStaking
    function release(address[] calldata nodes) external onlyRole(ESCROW_ROLE) {
        for (uint256 i; i < nodes.length; ++i) {
            Node storage n = _nodes[nodes[i]];
            if (n.assignedJobs == 0) revert NodeStaking_NotAssigned(nodes[i]);
            --n.assignedJobs;
        }
    }

    /// @inheritdoc INodeStaking
    function freeze(address[] calldata culprits) external onlyRole(ESCROW_ROLE) {
        for (uint256 i; i < culprits.length; ++i) {
            ++_nodes[culprits[i]].frozen;
            emit NodeFrozen(culprits[i]);
        }
    }

    /// @inheritdoc INodeStaking
    function unfreeze(address provider) external onlyRole(ESCROW_ROLE) {
        _unfreeze(provider);
        emit NodeUnfrozen(provider);
    }

    /// @inheritdoc INodeStaking
    function slash(
        address culprit,
        address[] calldata beneficiaries
    ) external onlyRole(ESCROW_ROLE) returns (uint256 amount, uint256[] memory shares) {
        if (beneficiaries.length == 0) revert NodeStaking_NoBeneficiaries(culprit);
        _unfreeze(culprit);

        Node storage n = _nodes[culprit];
        amount = n.deposit;
        if (n.state == NodeState.Active) {
            totalActive -= amount;
            _removeActive(culprit);
        } else if (n.state == NodeState.Exiting) {
            totalUnbonding -= amount;
        }
        n.deposit = 0;
        n.exitAt = 0;
        n.state = NodeState.Banned;
        isBanned[culprit] = true;
        isBanned[n.nodeKey] = true;

        totalSlashedUnclaimed += amount;
        shares = Shares.equal(amount, beneficiaries.length);
        for (uint256 i; i < beneficiaries.length; ++i) credit[beneficiaries[i]] += shares[i];

        emit NodeSlashed(culprit, amount, beneficiaries, shares);
        emit NodeBanned(culprit);
    }

    /// @inheritdoc INodeStaking
    function setRating(address provider, uint32 rating) external onlyRole(RATER_ROLE) {
        if (rating > MAX_RATING_BPS) revert NodeStaking_BadRating(rating);
        if (_nodes[provider].state == NodeState.None) revert NodeStaking_NotActive(provider);

        _nodes[provider].rating = rating;

        emit RatingChanged(provider, rating);
    }

    /* ------------------------------------------------ views ------------------------------------------------ */

    /// @inheritdoc INodeStaking
    function node(address provider) external view returns (Node memory) {
        return _nodes[provider];
    }

    /// @inheritdoc INodeStaking
    function providers() external view returns (address[] memory) {
        return _active;
    }

    /// @inheritdoc INodeStaking
    function activeCount() external view returns (uint256) {
        return _active.length;
    }

    /// @inheritdoc INodeStaking
    function isAvailable(address provider, uint8 role) public view returns (bool) {
        Node storage n = _nodes[provider];
        return n.state == NodeState.Active && n.frozen == 0 && n.roles & role != 0;
    }

    /// @inheritdoc INodeStaking
    function weights(
        uint8 role,
        uint256 stakedBefore
    ) external view returns (address[] memory nodes, uint256[] memory weightOf) {
        nodes = _active;
        weightOf = new uint256[](nodes.length);
        for (uint256 i; i < nodes.length; ++i) {
            if (!isAvailable(nodes[i], role) || _stakedAt[nodes[i]] >= stakedBefore) continue;
            weightOf[i] = _nodes[nodes[i]].deposit * _nodes[nodes[i]].rating;
        }
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _unfreeze(address provider) private {
        Node storage n = _nodes[provider];
        if (n.frozen == 0) revert NodeStaking_NotFrozen(provider);
        --n.frozen;
    }

    function _removeActive(address provider) private {
        uint256 index = _activeIndex[provider];
        address last = _active[_active.length - 1];
        _active[index] = last;
        _activeIndex[last] = index;
        _active.pop();
        delete _activeIndex[provider];
    }

    function _withdrawCredit(address account) private {
        uint256 amount = credit[account];
        if (amount == 0) revert NodeStaking_NothingToWithdraw(account);

        credit[account] = 0;
        totalSlashedUnclaimed -= amount;

        emit CreditWithdrawn(account, amount);
        _send(account, amount);
    }

    function _send(address to, uint256 amount) private {
        (bool ok, ) = to.call{value: amount}("");
        if (!ok) revert NodeStaking_TransferFailed(to);
    }
}
