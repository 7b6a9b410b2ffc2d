// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IJobEscrow} from "../interfaces/IJobEscrow.sol";
import {INodeStaking, NodeState} from "../interfaces/INodeStaking.sol";
import {Names} from "../libraries/Names.sol";

/// @title NodeDeposits
/// @notice The record of every node and what its provider does: join, add, leave, take out.
abstract contract NodeDeposits is INodeStaking, AccessControl {
    using SafeCast for uint256;

    /// @notice What a draw or an assignment has to read of a node: one word.
    /// @param deposit Wei.
    /// @param stakedBlock The block in which the deposit last grew; kept when the node leaves.
    /// @param exitAt When the deposit can be withdrawn; 0 unless exiting.
    /// @param baseline What a benchmark showed, in basis points; kept when the node leaves.
    /// @param frozen Accusations not yet decided.
    struct Stake {
        uint96 deposit;
        uint40 stakedBlock;
        uint40 exitAt;
        uint16 baseline;
        uint16 frozen;
        uint8 roles;
        NodeState state;
    }

    /// @notice What tells a node from others.
    struct Identity {
        address nodeKey;
        uint32 activeIndex;
        string name;
    }

    uint8 public constant TRAINER = 1;
    uint8 public constant VALIDATOR = 2;
    uint16 public constant INITIAL_BASELINE_BPS = 5_000;

    uint256 public immutable minDeposit;
    uint64 public immutable unbondingPeriod;

    address public escrow;
    uint256 public totalActive;
    uint256 public totalUnbonding;
    uint256 public totalSlashedUnclaimed;
    mapping(address account => uint256) public credit;
    mapping(address nodeKey => address) public providerOf;
    mapping(address account => bool) public isBanned;

    mapping(address provider => Stake) internal _stakes;
    mapping(address provider => Identity) internal _identities;
    mapping(bytes32 nameId => address) private _nameOwner;
    address[] internal _active;

    modifier onlyEscrow() {
        if (msg.sender != escrow) revert NodeStaking_NotTheEscrow(msg.sender);
        _;
    }

    constructor(address admin, uint256 minDeposit_, uint64 unbondingPeriod_) {
        if (admin == address(0)) revert NodeStaking_ZeroAddress();
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        minDeposit = minDeposit_;
        unbondingPeriod = unbondingPeriod_;
    }

    /// @inheritdoc INodeStaking
    function setEscrow(address escrow_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (escrow != address(0)) revert NodeStaking_EscrowAlreadySet(escrow);
        if (escrow_ == address(0)) revert NodeStaking_ZeroAddress();

        escrow = escrow_;

        emit EscrowSet(escrow_);
    }

    /* ---------------------------------------------- providers ---------------------------------------------- */

    /// @inheritdoc INodeStaking
    function register(string calldata name, address nodeKey, uint8 roles) external payable {
        Stake storage s = _stakes[msg.sender];
        if (isBanned[msg.sender]) revert NodeStaking_Banned(msg.sender);
        if (isBanned[nodeKey]) revert NodeStaking_Banned(nodeKey);
        if (s.state != NodeState.None) revert NodeStaking_AlreadyRegistered(msg.sender);
        if (!Names.valid(name)) revert NodeStaking_BadName(name);
        bytes32 nameId = Names.id(name);
        if (_nameOwner[nameId] != address(0)) revert NodeStaking_NameTaken(name);
        if (nodeKey == address(0)) revert NodeStaking_BadNodeKey(nodeKey);
        if (providerOf[nodeKey] != address(0)) revert NodeStaking_NodeKeyTaken(nodeKey);
        if (roles == 0 || roles > (TRAINER | VALIDATOR)) revert NodeStaking_BadRoles(roles);
        if (msg.value < minDeposit) revert NodeStaking_DepositTooSmall(msg.value, minDeposit);

        // A bad benchmark is not washed off by leaving and coming back.
        uint16 baseline = s.stakedBlock == 0 ? INITIAL_BASELINE_BPS : s.baseline;
        _stakes[msg.sender] = Stake({
            deposit: msg.value.toUint96(),
            stakedBlock: uint40(block.number),
            exitAt: 0,
            baseline: baseline,
            frozen: 0,
            roles: roles,
            state: NodeState.Active
        });
        _identities[msg.sender] = Identity(nodeKey, uint32(_active.length), name);
        _nameOwner[nameId] = msg.sender;
        providerOf[nodeKey] = msg.sender;
        _active.push(msg.sender);
        totalActive += msg.value;

        emit NodeRegistered(msg.sender, nodeKey, name, roles, msg.value);
    }

    /// @inheritdoc INodeStaking
    function topUp() external payable {
        Stake storage s = _stakes[msg.sender];
        if (s.state != NodeState.Active) revert NodeStaking_NotActive(msg.sender);
        if (msg.value == 0) revert NodeStaking_DepositTooSmall(0, 1);

        s.deposit += msg.value.toUint96();
        s.stakedBlock = uint40(block.number);
        totalActive += msg.value;

        emit DepositIncreased(msg.sender, msg.value, s.deposit);
    }

    /// @inheritdoc INodeStaking
    function requestExit() external {
        Stake storage s = _stakes[msg.sender];
        if (s.state != NodeState.Active) revert NodeStaking_NotActive(msg.sender);

        s.state = NodeState.Exiting;
        s.exitAt = (block.timestamp + unbondingPeriod).toUint40();
        totalActive -= s.deposit;
        totalUnbonding += s.deposit;
        _removeActive(msg.sender);

        emit ExitRequested(msg.sender, s.exitAt);
    }

    /// @inheritdoc INodeStaking
    function withdraw() external {
        Stake storage s = _stakes[msg.sender];
        if (s.state != NodeState.Exiting) revert NodeStaking_NotExiting(msg.sender);
        if (block.timestamp < s.exitAt) revert NodeStaking_StillUnbonding(msg.sender, s.exitAt);
        uint256 jobs = _openJobs(msg.sender);
        if (jobs > 0) revert NodeStaking_StillAssigned(msg.sender, jobs);
        if (s.frozen > 0) revert NodeStaking_Frozen(msg.sender);

        uint256 amount = s.deposit;
        totalUnbonding -= amount;
        s.deposit = 0;
        s.exitAt = 0;
        s.roles = 0;
        s.state = NodeState.None;
        Identity storage identity = _identities[msg.sender];
        delete _nameOwner[Names.id(identity.name)];
        delete providerOf[identity.nodeKey];
        delete _identities[msg.sender];

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

    /* ----------------------------------------------- inside ------------------------------------------------ */

    /// @dev Before there is an escrow nobody can be bound by a job.
    function _openJobs(address provider) internal view returns (uint256) {
        return escrow == address(0) ? 0 : IJobEscrow(escrow).openJobs(provider);
    }

    function _removeActive(address provider) internal {
        uint32 index = _identities[provider].activeIndex;
        address last = _active[_active.length - 1];
        _active[index] = last;
        _identities[last].activeIndex = index;
        _active.pop();
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
