// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IJobEscrow, Job, Status} from "../interfaces/IJobEscrow.sol";
import {Sortition} from "../libraries/Sortition.sol";
import {EscrowJobs} from "./EscrowJobs.sol";

/// @title EscrowAssignment
/// @notice Who works on a job: trainers by the operator's choice, validators by lot.
abstract contract EscrowAssignment is EscrowJobs {
    bytes32 public constant OPERATOR_ROLE = keccak256("OPERATOR_ROLE");
    uint256 public constant MAX_TRAINERS = 64;
    uint256 public constant VALIDATORS_PER_JOB = 3;
    uint256 public constant MIN_VALIDATORS = 2;
    /// @notice How far the seed's block lies ahead, so that its hash is unknown when the job is opened.
    uint64 public constant SEED_DELAY_BLOCKS = 2;
    uint8 private constant TRAINER = 1;
    uint8 private constant VALIDATOR = 2;

    /// @inheritdoc IJobEscrow
    function assign(bytes32 jobId, address[] calldata trainers_) external onlyRole(OPERATOR_ROLE) {
        Job storage j = _jobs[jobId];
        _requireStatus(jobId, Status.Open);
        if (block.timestamp >= j.deadline) revert JobEscrow_DeadlinePassed(jobId, j.deadline);
        if (trainers_.length == 0 || trainers_.length > MAX_TRAINERS) {
            revert JobEscrow_BadTrainerCount(trainers_.length, MAX_TRAINERS);
        }
        bytes32 seed = _seed(jobId, j.seedBlock);
        _requireDistinct(trainers_, trainers_);
        for (uint256 i; i < trainers_.length; ++i) {
            if (!staking.isAvailable(trainers_[i], TRAINER))
                revert JobEscrow_TrainerUnavailable(trainers_[i]);
        }
        address[] memory drawn = _draw(seed, j, trainers_);
        if (drawn.length < MIN_VALIDATORS) revert JobEscrow_NotEnoughValidators(drawn.length, MIN_VALIDATORS);

        j.status = Status.Assigned;
        _trainers[jobId] = trainers_;
        _validators[jobId] = drawn;
        for (uint256 i; i < drawn.length; ++i) _validatorKeys[jobId].push(staking.node(drawn[i]).nodeKey);

        emit JobAssigned(jobId, trainers_, drawn, seed);
        staking.lock(trainers_);
        staking.lock(drawn);
    }

    /// @inheritdoc IJobEscrow
    function reseed(bytes32 jobId) external {
        Job storage j = _jobs[jobId];
        _requireStatus(jobId, Status.Open);
        if (block.number <= j.seedBlock) revert JobEscrow_SeedNotReady(jobId, j.seedBlock);
        bool expired = blockhash(j.seedBlock) == 0;
        if (!expired && _countCandidates(j.seedBlock) >= MIN_VALIDATORS)
            revert JobEscrow_SeedStillGood(jobId, j.seedBlock);

        j.seedBlock = _nextSeedBlock();

        emit JobReseeded(jobId, j.seedBlock);
    }

    /// @inheritdoc IJobEscrow
    function recordRound(bytes32 jobId, uint32 round, bytes32 root) external onlyRole(OPERATOR_ROLE) {
        _requireStatus(jobId, Status.Assigned);
        uint32 next = _jobs[jobId].nextRound;
        if (round < next) revert JobEscrow_RoundOutOfOrder(jobId, round, next);

        _jobs[jobId].nextRound = round + 1;

        emit RoundRecorded(jobId, round, root);
    }

    function _nextSeedBlock() internal view returns (uint64) {
        return uint64(block.number) + SEED_DELAY_BLOCKS;
    }

    function _seed(bytes32 jobId, uint64 seedBlock) private view returns (bytes32) {
        if (block.number <= seedBlock) revert JobEscrow_SeedNotReady(jobId, seedBlock);
        bytes32 blockHash = blockhash(seedBlock);
        if (blockHash == 0) revert JobEscrow_SeedExpired(jobId, seedBlock);
        return keccak256(abi.encode(blockHash, jobId));
    }

    function _draw(
        bytes32 seed,
        Job storage j,
        address[] calldata trainers_
    ) private view returns (address[] memory) {
        // Only stakes made before the seed was known take part: nobody can join or add to sway a known draw.
        (address[] memory nodes, uint256[] memory weights) = staking.weights(VALIDATOR, j.seedBlock);
        bool[] memory barred = new bool[](nodes.length);
        for (uint256 i; i < nodes.length; ++i) {
            barred[i] = nodes[i] == j.customer;
            for (uint256 t; t < trainers_.length && !barred[i]; ++t) barred[i] = nodes[i] == trainers_[t];
        }
        return Sortition.draw(seed, nodes, weights, barred, VALIDATORS_PER_JOB);
    }

    function _countCandidates(uint64 seedBlock) private view returns (uint256 count) {
        (, uint256[] memory weights) = staking.weights(VALIDATOR, seedBlock);
        for (uint256 i; i < weights.length; ++i) if (weights[i] > 0) ++count;
    }
}
