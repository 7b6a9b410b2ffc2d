// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {
    Crew,
    FailVerdict,
    IJobEscrow,
    Job,
    PayoutVerdict,
    SettleVerdict,
    Status
} from "../interfaces/IJobEscrow.sol";
import {Ascending} from "../libraries/Ascending.sol";
import {MerkleSum} from "../libraries/MerkleSum.sol";
import {Scores} from "../libraries/Scores.sol";
import {Verdicts} from "../libraries/Verdicts.sol";
import {Words} from "../libraries/Words.sol";
import {EscrowAccusations} from "./EscrowAccusations.sol";

/// @title EscrowVerdicts
/// @notice The three ways in which a quorum of a job's validators ends it.
abstract contract EscrowVerdicts is EscrowAccusations, EIP712 {
    using Ascending for address[];
    using Scores for bytes32;
    using Words for address[];
    using Verdicts for SettleVerdict;
    using Verdicts for PayoutVerdict;
    using Verdicts for FailVerdict;

    /// @notice Above this many payees a job is settled by root.
    uint256 public constant MAX_DIRECT_PAYEES = 64;

    /// @notice How long the payees of a job settled by root have to claim.
    uint64 public constant CLAIM_PERIOD = 365 days;

    /// @notice What is left to claim, and until when.
    struct Unclaimed {
        uint128 amount;
        uint64 claimableUntil;
    }

    mapping(bytes32 jobId => bytes32) public payoutRoot;
    mapping(bytes32 jobId => Unclaimed) public unclaimed;
    mapping(bytes32 jobId => mapping(uint256 word => uint256)) private _claimedBits;

    constructor() EIP712("EcoDML", "1") {}

    /// @inheritdoc IJobEscrow
    function settle(
        SettleVerdict calldata verdict,
        Crew calldata crew,
        bytes[] calldata signatures
    ) external {
        Job storage j = _jobs[verdict.jobId];
        _requireVerdict(verdict.jobId, hashSettle(verdict), verdict.payees.hash(), crew, signatures);
        uint128 fee = j.fee;
        uint256 commissionRoundedDown = _commission(fee, j.commissionBps);
        _requireShares(verdict.payees.length, verdict.amounts, verdict.scores, fee - commissionRoundedDown);

        j.status = Status.Settled;
        j.released = true;
        j.commitment = 0;
        _feeBecomesCredits(fee);
        _rewardAll(verdict.payees, verdict.amounts, verdict.scores);
        _credit(treasury, commissionRoundedDown);
        _release(crew.validators);

        emit JobSettled(
            verdict.jobId,
            verdict.resultHash,
            verdict.evidenceHash,
            verdict.payees,
            verdict.amounts,
            verdict.scores,
            commissionRoundedDown,
            signatures
        );
    }

    /// @inheritdoc IJobEscrow
    function settleByRoot(
        PayoutVerdict calldata verdict,
        bytes32 trainersHash,
        Crew calldata crew,
        bytes[] calldata signatures
    ) external {
        Job storage j = _jobs[verdict.jobId];
        _requireVerdict(verdict.jobId, hashPayout(verdict), trainersHash, crew, signatures);
        uint128 fee = j.fee;
        uint256 commissionRoundedDown = _commission(fee, j.commissionBps);

        j.status = Status.Settled;
        payoutRoot[verdict.jobId] = verdict.payoutRoot;
        unclaimed[verdict.jobId] = Unclaimed(
            fee - uint128(commissionRoundedDown),
            uint64(block.timestamp) + CLAIM_PERIOD
        );
        _feeBecomesCredits(fee);
        _credit(treasury, commissionRoundedDown);

        emit JobSettledByRoot(
            verdict.jobId,
            verdict.resultHash,
            verdict.evidenceHash,
            verdict.payoutRoot,
            verdict.payees,
            commissionRoundedDown,
            signatures
        );
    }

    /// @inheritdoc IJobEscrow
    function claim(
        bytes32 jobId,
        uint256 index,
        address payee,
        uint256 amount,
        bytes32[] calldata siblings,
        uint256[] calldata sums
    ) external {
        if (siblings.length != sums.length) revert JobEscrow_WrongProof(jobId, index);
        (bytes32 root, uint256 sum) = MerkleSum.rootOf(index, payee, amount, siblings, sums);
        Job storage j = _jobs[jobId];
        if (root != payoutRoot[jobId] || sum != j.fee - _commission(j.fee, j.commissionBps)) {
            revert JobEscrow_WrongProof(jobId, index);
        }
        if (isClaimed(jobId, index)) revert JobEscrow_AlreadyClaimed(jobId, index);
        if (amount > unclaimed[jobId].amount) revert JobEscrow_NothingUnclaimed(jobId);

        // No truncation: it is part of what is left.
        unclaimed[jobId].amount -= uint128(amount);
        _claimedBits[jobId][index >> 8] |= 1 << (index & 255);
        _credit(payee, amount);

        emit PayoutClaimed(jobId, payee, index, amount);
    }

    /// @inheritdoc IJobEscrow
    function returnUnclaimed(bytes32 jobId) external {
        Unclaimed memory left = unclaimed[jobId];
        if (left.amount == 0) revert JobEscrow_NothingUnclaimed(jobId);
        if (block.timestamp < left.claimableUntil) {
            revert JobEscrow_ClaimsOpen(jobId, left.claimableUntil);
        }
        address customer = _jobs[jobId].customer;

        unclaimed[jobId].amount = 0;
        _credit(customer, left.amount);

        emit UnclaimedReturned(jobId, customer, left.amount);
    }

    /// @inheritdoc IJobEscrow
    function fail(
        FailVerdict calldata verdict,
        address[] calldata trainers,
        Crew calldata crew,
        bytes[] calldata signatures
    ) external {
        Job storage j = _jobs[verdict.jobId];
        _requireVerdict(verdict.jobId, hashFail(verdict), trainers.hash(), crew, signatures);
        address[] memory honest_ = trainers.without(verdict.culprits);

        j.status = Status.Failed;
        j.released = true;
        j.commitment = 0;
        _feeBecomesCredits(j.fee);
        _credit(j.customer, j.fee);
        _release(trainers);
        _release(crew.validators);

        emit JobFailed(verdict.jobId, verdict.evidenceHash, verdict.culprits, honest_, j.fee, signatures);
        _accuse(verdict.jobId, verdict.culprits, honest_);
    }

    /// @inheritdoc IJobEscrow
    function quorum(uint256 n) public pure returns (uint256) {
        return n / 2 + 1;
    }

    /// @inheritdoc IJobEscrow
    function hashSettle(SettleVerdict calldata verdict) public view returns (bytes32) {
        return _hashTypedDataV4(verdict.hash());
    }

    /// @inheritdoc IJobEscrow
    function hashPayout(PayoutVerdict calldata verdict) public view returns (bytes32) {
        return _hashTypedDataV4(verdict.hash());
    }

    /// @inheritdoc IJobEscrow
    function hashFail(FailVerdict calldata verdict) public view returns (bytes32) {
        return _hashTypedDataV4(verdict.hash());
    }

    /// @inheritdoc IJobEscrow
    function isClaimed(bytes32 jobId, uint256 index) public view returns (bool) {
        return (_claimedBits[jobId][index >> 8] >> (index & 255)) & 1 == 1;
    }

    /// @dev Every payee has an amount and a score, and the amounts are the whole of `pool`.
    function _requireShares(
        uint256 payees,
        uint256[] calldata amounts,
        bytes32[] calldata scores,
        uint256 pool
    ) private pure {
        if (payees > MAX_DIRECT_PAYEES) revert JobEscrow_TooManyPayees(payees, MAX_DIRECT_PAYEES);
        if (payees != amounts.length || payees != scores.length) {
            revert JobEscrow_LengthMismatch(payees, amounts.length, scores.length);
        }
        uint256 sum;
        for (uint256 i; i < payees; ++i) sum += amounts[i];
        if (sum != pool) revert JobEscrow_WrongSum(sum, pool);
    }

    /// @dev What a job shows of a trainer is its accuracy as a part of the best trainer's.
    function _rewardAll(
        address[] calldata payees,
        uint256[] calldata amounts,
        bytes32[] calldata scores
    ) private {
        uint256 best = Scores.bestAccuracy(scores);
        for (uint256 i; i < payees.length; ++i) {
            _reward(payees[i], amounts[i], best == 0 ? 0 : (ALL_BPS * scores[i].accuracy()) / best);
        }
    }

    function _commission(uint128 fee, uint16 bps) private pure returns (uint256) {
        return (uint256(fee) * bps) / ALL_BPS;
    }

    function _requireVerdict(
        bytes32 jobId,
        bytes32 digest,
        bytes32 trainersHash,
        Crew calldata crew,
        bytes[] calldata signatures
    ) private view {
        _requireStatus(jobId, Status.Assigned);
        _requireCrew(jobId, trainersHash, crew);
        uint256 signers = Verdicts.countSigners(digest, signatures, crew.keys);
        uint256 needed = quorum(crew.keys.length);
        if (signers < needed) revert JobEscrow_QuorumNotReached(signers, needed);
    }
}
