// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

import {
    IEnergyLedger,
    JobSummary,
    LedgerEpoch,
    Member,
    Proposal,
    Standing
} from "../interfaces/IEnergyLedger.sol";
import {Epochs} from "../libraries/Epochs.sol";
import {Sortition} from "../libraries/Sortition.sol";
import {StakeCheckpoints} from "./StakeCheckpoints.sol";

/// @title EnergyLedger
/// @notice The energy readings of every job, sealed in order under the signatures of those who hold the stake. See
/// {IEnergyLedger}.
contract EnergyLedger is StakeCheckpoints {
    using Epochs for LedgerEpoch;

    bytes32 public constant ARBITER_ROLE = keccak256("ARBITER_ROLE");

    uint64 public immutable challengeSeconds;
    uint64 public immutable proposerSeconds;

    bytes32 public headHash;
    LedgerEpoch[] private _epochs;
    mapping(uint256 index => Standing) private _standing;
    mapping(bytes32 job => uint256) private _position;

    constructor(
        address admin,
        address keeper,
        address arbiter,
        uint64 challengeSeconds_,
        uint64 proposerSeconds_,
        uint64 recoverySeconds_
    ) StakeCheckpoints(keeper, recoverySeconds_) {
        if (challengeSeconds_ == 0 || proposerSeconds_ == 0 || recoverySeconds_ == 0) {
            revert EnergyLedger_ZeroSeconds();
        }
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(ARBITER_ROLE, arbiter);
        challengeSeconds = challengeSeconds_;
        proposerSeconds = proposerSeconds_;
    }

    /* ----------------------------------------------- sealing ----------------------------------------------- */

    /// @inheritdoc IEnergyLedger
    function seal(
        Proposal calldata proposal,
        JobSummary[] calldata jobs,
        Member[] calldata members,
        bytes[] calldata signatures
    ) external returns (uint256 index) {
        index = _epochs.length;
        _requireNext(proposal, index, jobs.length);
        LedgerEpoch memory added = Epochs.made(proposal, jobs);
        bool[] memory signed = _requireQuorum(
            proposal.checkpoint,
            members,
            _hashTypedDataV4(added.hash()),
            signatures
        );
        added.proposer = _proposer(members, signed);
        added.sealedAt = uint48(block.timestamp);

        bytes32 head = keccak256(abi.encode(added));
        headHash = head;
        calledAt = 0;
        _epochs.push(added);
        for (uint256 i; i < jobs.length; ++i) _enter(jobs[i], index);

        emit EpochSealed(index, head, added, jobs, signatures);
    }

    /// @inheritdoc IEnergyLedger
    function callProposer() external {
        if (checkpointCount() == 0) revert EnergyLedger_NoCheckpoint();
        if (calledAt != 0) revert EnergyLedger_AlreadyCalled(calledAt);

        calledAt = block.timestamp;

        emit ProposerCalled(_epochs.length, block.timestamp);
    }

    /// @inheritdoc IEnergyLedger
    function hashEpoch(
        Proposal calldata proposal,
        JobSummary[] calldata jobs
    ) external view returns (bytes32) {
        return _hashTypedDataV4(Epochs.made(proposal, jobs).hash());
    }

    /// @inheritdoc IEnergyLedger
    function race(Member[] calldata members, uint256 count_) public view returns (address[] memory) {
        address[] memory keys = new address[](members.length);
        uint256[] memory weights = new uint256[](members.length);
        for (uint256 i; i < members.length; ++i) (keys[i], weights[i]) = (members[i].key, members[i].weight);
        bytes32 seed = keccak256(abi.encode(headHash, _epochs.length));
        return Sortition.draw(seed, keys, weights, new bool[](members.length), count_);
    }

    /* --------------------------------------------- challenging --------------------------------------------- */

    /// @inheritdoc IEnergyLedger
    function challenge(uint256 index, bytes32 reason, Member[] calldata members) external {
        LedgerEpoch memory e = epoch(index);
        if (!hasRole(ARBITER_ROLE, msg.sender)) {
            _requireMembers(e.checkpoint, members);
            _requireAmong(members, msg.sender);
        }
        if (_standing[index] != Standing.Unchallenged) {
            revert EnergyLedger_WrongStanding(index, _standing[index]);
        }
        if (block.timestamp >= e.sealedAt + challengeSeconds) revert EnergyLedger_WindowClosed(index);

        _standing[index] = Standing.Challenged;

        emit EpochChallenged(index, msg.sender, reason);
    }

    /// @inheritdoc IEnergyLedger
    function arbitrate(uint256 index, bool stands) external onlyRole(ARBITER_ROLE) {
        if (_standing[index] != Standing.Challenged) {
            revert EnergyLedger_WrongStanding(index, _standing[index]);
        }

        _standing[index] = stands ? Standing.Upheld : Standing.Void;

        emit EpochArbitrated(index, _standing[index]);
    }

    /// @inheritdoc IEnergyLedger
    function isFinal(uint256 index) external view returns (bool) {
        if (index >= _epochs.length) return false;
        if (_standing[index] != Standing.Unchallenged) return _standing[index] == Standing.Upheld;
        return block.timestamp >= _epochs[index].sealedAt + challengeSeconds;
    }

    /// @inheritdoc IEnergyLedger
    function standing(uint256 index) external view returns (Standing) {
        return _standing[index];
    }

    /* ----------------------------------------------- reading ----------------------------------------------- */

    /// @inheritdoc IEnergyLedger
    function epoch(uint256 index) public view returns (LedgerEpoch memory) {
        if (index >= _epochs.length) revert EnergyLedger_NoEpoch(index);
        return _epochs[index];
    }

    /// @inheritdoc IEnergyLedger
    function count() external view returns (uint256) {
        return _epochs.length;
    }

    /// @inheritdoc IEnergyLedger
    function epochOf(bytes32 job) external view returns (uint256 index) {
        if (!isSealed(job)) revert EnergyLedger_NotSealed(job);
        return _position[job] - 1;
    }

    /// @inheritdoc IEnergyLedger
    function isSealed(bytes32 job) public view returns (bool) {
        return _position[job] != 0;
    }

    /// @inheritdoc IEnergyLedger
    function verifyReading(
        uint256 index,
        bytes32 leaf,
        bytes32[] calldata proof
    ) external view returns (bool) {
        return index < _epochs.length && _stands(_epochs[index].readingsRoot, leaf, proof);
    }

    /// @inheritdoc IEnergyLedger
    function verifyClaim(uint256 index, bytes32 leaf, bytes32[] calldata proof) external view returns (bool) {
        return index < _epochs.length && _stands(_epochs[index].claimsRoot, leaf, proof);
    }

    /// @inheritdoc IEnergyLedger
    function verifyJob(uint256 index, bytes32 leaf, bytes32[] calldata proof) external view returns (bool) {
        return index < _epochs.length && _stands(_epochs[index].jobsRoot, leaf, proof);
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _requireNext(Proposal calldata proposal, uint256 index, uint256 jobs) private view {
        uint256 checkpoints = checkpointCount();
        if (checkpoints == 0) revert EnergyLedger_NoCheckpoint();
        if (proposal.index != index) revert EnergyLedger_WrongIndex(proposal.index, index);
        if (proposal.prevHash != headHash) revert EnergyLedger_WrongPrevHash(proposal.prevHash, headHash);
        if (proposal.checkpoint != checkpoints - 1) {
            revert EnergyLedger_WrongCheckpoint(proposal.checkpoint, checkpoints - 1);
        }
        if (jobs == 0 || proposal.readingsRoot == 0) revert EnergyLedger_NoReadings();
    }

    function _enter(JobSummary calldata summary, uint256 index) private {
        if (summary.job == 0) revert EnergyLedger_EmptyReference();
        if (summary.readings == 0) revert EnergyLedger_NoReadings();
        if (isSealed(summary.job)) revert EnergyLedger_AlreadySealed(summary.job, _position[summary.job] - 1);

        // Positions start at 1, so that 0 means absent.
        _position[summary.job] = index + 1;

        emit JobSealed(summary.job, index);
    }

    /// @dev The first in the race who signed, of those whose turn it is by now.
    function _proposer(Member[] calldata members, bool[] memory signed) private view returns (address) {
        uint256 turn = calledAt == 0 ? 0 : (block.timestamp - calledAt) / proposerSeconds;
        if (turn >= members.length) turn = members.length - 1;
        address[] memory drawn = race(members, turn + 1);
        for (uint256 i; i < drawn.length; ++i) {
            for (uint256 k; k < members.length; ++k) {
                if (members[k].key == drawn[i] && signed[k]) return drawn[i];
            }
        }
        revert EnergyLedger_ProposerSilent(drawn[0]);
    }

    function _requireAmong(Member[] calldata members, address account) private pure {
        for (uint256 i; i < members.length; ++i) if (members[i].key == account) return;
        revert EnergyLedger_NotAMember(account);
    }

    /// @dev Nothing stands under an empty root, whatever the leaf.
    function _stands(bytes32 root, bytes32 leaf, bytes32[] calldata proof) private pure returns (bool) {
        return root != 0 && MerkleProof.verifyCalldata(proof, root, leaf);
    }
}
