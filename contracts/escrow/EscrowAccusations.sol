// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Accusation, IJobEscrow} from "../interfaces/IJobEscrow.sol";
import {EscrowJobs} from "./EscrowJobs.sol";

/// @title EscrowAccusations
/// @notice From being named in a verdict to losing the deposit, with a way out on the way.
abstract contract EscrowAccusations is EscrowJobs {
    bytes32 public constant ARBITER_ROLE = keccak256("ARBITER_ROLE");
    /// @notice How long a contest waits for the arbiter before the accused goes free.
    uint64 public constant ARBITRATION_TIMEOUT = 30 days;

    uint64 public immutable contestWindow;

    address public immutable treasury;
    mapping(bytes32 jobId => uint64) public slashReadyAt;
    mapping(bytes32 jobId => mapping(address account => Accusation)) public accusation;

    mapping(bytes32 jobId => address[]) private _culprits;
    mapping(bytes32 jobId => address[]) private _honest;

    constructor(address treasury_, uint64 contestWindow_) {
        if (treasury_ == address(0)) revert JobEscrow_ZeroAddress();
        treasury = treasury_;
        contestWindow = contestWindow_;
    }

    /// @inheritdoc IJobEscrow
    function contest(bytes32 jobId, bytes32 evidence) external {
        _requireAccusation(jobId, msg.sender, Accusation.Named);
        uint64 readyAt = slashReadyAt[jobId];
        if (block.timestamp >= readyAt) revert JobEscrow_WindowClosed(jobId, readyAt);

        accusation[jobId][msg.sender] = Accusation.Contested;

        emit SlashContested(jobId, msg.sender, evidence);
    }

    /// @inheritdoc IJobEscrow
    function arbitrate(bytes32 jobId, address culprit, bool guilty) external onlyRole(ARBITER_ROLE) {
        _requireAccusation(jobId, culprit, Accusation.Contested);

        emit SlashArbitrated(jobId, culprit, guilty);
        if (guilty) _slash(jobId, culprit);
        else _acquit(jobId, culprit);
    }

    /// @inheritdoc IJobEscrow
    function finalizeSlash(bytes32 jobId) external {
        uint64 readyAt = slashReadyAt[jobId];
        if (readyAt == 0) revert JobEscrow_NothingToFinalize(jobId);
        if (block.timestamp < readyAt) revert JobEscrow_WindowOpen(jobId, readyAt);
        bool arbiterTooLate = block.timestamp >= readyAt + ARBITRATION_TIMEOUT;

        address[] memory named = _culprits[jobId];
        bool changed;
        for (uint256 i; i < named.length; ++i) {
            Accusation state = accusation[jobId][named[i]];
            if (state == Accusation.Named) {
                _slash(jobId, named[i]);
                changed = true;
            } else if (state == Accusation.Contested && arbiterTooLate) {
                emit SlashLapsed(jobId, named[i]);
                _acquit(jobId, named[i]);
                changed = true;
            }
        }
        if (!changed) revert JobEscrow_NothingToFinalize(jobId);
    }

    /// @inheritdoc IJobEscrow
    function culprits(bytes32 jobId) external view returns (address[] memory) {
        return _culprits[jobId];
    }

    /// @inheritdoc IJobEscrow
    function honest(bytes32 jobId) external view returns (address[] memory) {
        return _honest[jobId];
    }

    /// @dev The honest ones are fixed here, so that nothing that happens later can change who benefits.
    function _accuse(bytes32 jobId, address[] calldata named, address[] memory honest_) internal {
        if (named.length == 0) return;

        _culprits[jobId] = named;
        _honest[jobId] = honest_;
        slashReadyAt[jobId] = uint64(block.timestamp) + contestWindow;
        for (uint256 i; i < named.length; ++i) accusation[jobId][named[i]] = Accusation.Named;
        staking.freeze(named);
    }

    function _slash(bytes32 jobId, address culprit) private {
        accusation[jobId][culprit] = Accusation.Slashed;
        address[] memory beneficiaries = _honest[jobId];
        if (beneficiaries.length == 0) {
            beneficiaries = new address[](1);
            beneficiaries[0] = treasury;
        }

        (uint256 amount, uint256[] memory shares) = staking.slash(culprit, beneficiaries);
        emit SlashFinalized(jobId, culprit, amount, beneficiaries, shares);
    }

    function _acquit(bytes32 jobId, address culprit) private {
        accusation[jobId][culprit] = Accusation.Acquitted;
        staking.unfreeze(culprit);
    }

    function _requireAccusation(bytes32 jobId, address account, Accusation expected) private view {
        Accusation actual = accusation[jobId][account];
        if (actual != expected) revert JobEscrow_NotAccused(jobId, account, actual);
    }
}
