// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IJobEscrow} from "../interfaces/IJobEscrow.sol";
import {INodeStaking, Node, NodeState} from "../interfaces/INodeStaking.sol";
import {Ascending} from "../libraries/Ascending.sol";
import {Shares} from "../libraries/Shares.sol";
import {Sortition} from "../libraries/Sortition.sol";
import {NodeDeposits} from "./NodeDeposits.sol";

/// @title NodeStaking
/// @notice Deposits of the node providers: what the escrow does to them, and what they weigh in a draw. See {INodeStaking}.
contract NodeStaking is NodeDeposits {
    using Ascending for address[];

    bytes32 public constant RATER_ROLE = keccak256("RATER_ROLE");
    uint16 public constant MAX_BASELINE_BPS = 10_000;

    constructor(
        address admin,
        uint256 minDeposit_,
        uint64 unbondingPeriod_
    ) NodeDeposits(admin, minDeposit_, unbondingPeriod_) {}

    /* ------------------------------------------ escrow and raters ------------------------------------------ */

    /// @inheritdoc INodeStaking
    function freeze(address[] calldata culprits) external onlyEscrow {
        for (uint256 i; i < culprits.length; ++i) {
            ++_stakes[culprits[i]].frozen;
            emit NodeFrozen(culprits[i]);
        }
    }

    /// @inheritdoc INodeStaking
    function unfreeze(address provider) external onlyEscrow {
        _unfreeze(provider);
        emit NodeUnfrozen(provider);
    }

    /// @inheritdoc INodeStaking
    function slash(
        address culprit,
        address[] calldata beneficiaries
    ) external onlyEscrow returns (uint256 amount, uint256[] memory shares) {
        if (beneficiaries.length == 0) revert NodeStaking_NoBeneficiaries(culprit);
        _unfreeze(culprit);

        Stake storage s = _stakes[culprit];
        amount = s.deposit;
        if (s.state == NodeState.Active) {
            totalActive -= amount;
            _removeActive(culprit);
        } else if (s.state == NodeState.Exiting) {
            totalUnbonding -= amount;
        }
        s.deposit = 0;
        s.exitAt = 0;
        s.state = NodeState.Banned;
        isBanned[culprit] = true;
        isBanned[_identities[culprit].nodeKey] = true;

        totalSlashedUnclaimed += amount;
        shares = Shares.equal(amount, beneficiaries.length);
        for (uint256 i; i < beneficiaries.length; ++i) credit[beneficiaries[i]] += shares[i];

        emit NodeSlashed(culprit, amount, beneficiaries, shares);
        emit NodeBanned(culprit);
    }

    /// @inheritdoc INodeStaking
    function setBaseline(address provider, uint32 baseline) external onlyRole(RATER_ROLE) {
        if (baseline > MAX_BASELINE_BPS) revert NodeStaking_BadBaseline(baseline);
        if (_stakes[provider].state == NodeState.None) revert NodeStaking_NotActive(provider);

        _stakes[provider].baseline = uint16(baseline);

        emit BaselineChanged(provider, baseline);
    }

    /* ------------------------------------------------ views ------------------------------------------------ */

    /// @inheritdoc INodeStaking
    function node(address provider) external view returns (Node memory) {
        Stake storage s = _stakes[provider];
        Identity storage identity = _identities[provider];
        address[] memory self = new address[](1);
        self[0] = provider;
        return
            Node({
                name: identity.name,
                nodeKey: identity.nodeKey,
                roles: s.roles,
                deposit: s.deposit,
                rating: uint32((s.baseline + _qualityOf(self)[0]) / 2),
                state: s.state,
                assignedJobs: uint32(_openJobs(provider)),
                frozen: s.frozen,
                exitAt: s.exitAt
            });
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
    function isAvailable(address provider, uint8 role) external view returns (bool) {
        return _isAvailable(_stakes[provider], role);
    }

    /// @inheritdoc INodeStaking
    function requireAvailable(address[] calldata nodes, uint8 role) external view {
        for (uint256 i; i < nodes.length; ++i) {
            if (!_isAvailable(_stakes[nodes[i]], role)) revert NodeStaking_Unavailable(nodes[i], role);
        }
    }

    /// @inheritdoc INodeStaking
    function weights(
        uint8 role,
        uint256 stakedBefore
    ) public view returns (address[] memory nodes, uint256[] memory weightOf) {
        nodes = _active;
        weightOf = new uint256[](nodes.length);
        uint256[] memory quality = _qualityOf(nodes);
        for (uint256 i; i < nodes.length; ++i) {
            Stake memory s = _stakes[nodes[i]];
            if (!_isAvailable(s, role) || s.stakedBlock >= stakedBefore) continue;
            weightOf[i] = uint256(s.deposit) * ((s.baseline + quality[i]) / 2);
        }
    }

    /// @inheritdoc INodeStaking
    function draw(
        bytes32 seed,
        uint256 stakedBefore,
        address customer,
        address[] calldata trainers,
        uint256 count
    ) external view returns (address[] memory nodes, address[] memory keys) {
        (address[] memory candidates, uint256[] memory weightOf) = weights(VALIDATOR, stakedBefore);
        bool[] memory barred = new bool[](candidates.length);
        for (uint256 i; i < candidates.length; ++i) {
            barred[i] = candidates[i] == customer || trainers.contains(candidates[i]);
        }
        nodes = Sortition.draw(seed, candidates, weightOf, barred, count);
        keys = new address[](nodes.length);
        for (uint256 i; i < nodes.length; ++i) keys[i] = _identities[nodes[i]].nodeKey;
    }

    /// @inheritdoc INodeStaking
    function countValidators(uint256 stakedBefore) external view returns (uint256 count) {
        (, uint256[] memory weightOf) = weights(VALIDATOR, stakedBefore);
        for (uint256 i; i < weightOf.length; ++i) if (weightOf[i] > 0) ++count;
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _isAvailable(Stake memory s, uint8 role) private pure returns (bool) {
        return s.state == NodeState.Active && s.frozen == 0 && s.roles & role != 0;
    }

    /// @dev Before there is an escrow nothing was ever judged.
    function _qualityOf(address[] memory nodes) private view returns (uint256[] memory quality) {
        if (escrow != address(0)) return IJobEscrow(escrow).qualityOf(nodes);
        quality = new uint256[](nodes.length);
        for (uint256 i; i < nodes.length; ++i) quality[i] = INITIAL_BASELINE_BPS;
    }

    function _unfreeze(address provider) private {
        Stake storage s = _stakes[provider];
        if (s.frozen == 0) revert NodeStaking_NotFrozen(provider);
        --s.frozen;
    }
}
