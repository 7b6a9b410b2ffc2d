// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IJobEscrow, Job, Status} from "../interfaces/IJobEscrow.sol";
import {Ascending} from "../libraries/Ascending.sol";
import {Words} from "../libraries/Words.sol";
import {EscrowJobs} from "./EscrowJobs.sol";

/// @title EscrowAssignment
/// @notice Who works on a job: first the trainers by the operator's choice, then the validators by lot.
abstract contract EscrowAssignment is EscrowJobs {
    using Ascending for address[];
    using Words for address[];

    bytes32 public constant OPERATOR_ROLE = keccak256("OPERATOR_ROLE");
    uint256 public constant MAX_TRAINERS = 512;
    uint256 public constant VALIDATORS_PER_JOB = 3;
    uint256 public constant MIN_VALIDATORS = 2;
    /// @notice How far the seed's block lies ahead of the choice of the trainers, so that its hash is unknown then.
    uint48 public constant SEED_DELAY_BLOCKS = 2;
    /// @dev The hash of an empty list: no validator is drawn yet.
    bytes32 private constant NOBODY = keccak256("");
    uint8 private constant TRAINER = 1;

    /// @inheritdoc IJobEscrow
    function assign(bytes32 jobId, address[] calldata trainers) external onlyRole(OPERATOR_ROLE) {
        Job storage j = _jobs[jobId];
        _requireStatus(jobId, Status.Open);
        _requireBeforeDeadline(jobId, j.deadline);
        if (trainers.length == 0 || trainers.length > MAX_TRAINERS) {
            revert JobEscrow_BadTrainerCount(trainers.length, MAX_TRAINERS);
        }
        trainers.requireOrder();
        staking.requireAvailable(trainers, TRAINER);

        j.status = Status.Drawing;
        j.seedBlock = _nextSeedBlock();
        j.commitment = _commitment(trainers.hash(), NOBODY, NOBODY);
        _bind(trainers);

        emit TrainersChosen(jobId, trainers, j.seedBlock);
    }

    /// @inheritdoc IJobEscrow
    function draw(bytes32 jobId, address[] calldata trainers) external {
        Job storage j = _jobs[jobId];
        _requireStatus(jobId, Status.Drawing);
        _requireBeforeDeadline(jobId, j.deadline);
        if (j.commitment != _commitment(trainers.hash(), NOBODY, NOBODY)) {
            revert JobEscrow_WrongCrew(jobId);
        }
        bytes32 seed = _seed(jobId, j.seedBlock);
        // Only stakes made before the seed was known take part: nobody can join or add to sway a known draw.
        (address[] memory validators, address[] memory keys) = staking.draw(
            seed,
            j.seedBlock,
            j.customer,
            trainers,
            VALIDATORS_PER_JOB
        );
        if (validators.length < MIN_VALIDATORS) {
            revert JobEscrow_NotEnoughValidators(validators.length, MIN_VALIDATORS);
        }

        j.status = Status.Assigned;
        j.commitment = _commitment(trainers.hash(), _hashOfDrawn(validators), _hashOfDrawn(keys));
        _bind(validators);

        emit JobAssigned(jobId, trainers, validators, keys, seed);
    }

    /// @inheritdoc IJobEscrow
    function reseed(bytes32 jobId) external {
        Job storage j = _jobs[jobId];
        _requireStatus(jobId, Status.Drawing);
        if (block.number <= j.seedBlock) revert JobEscrow_SeedNotReady(jobId, j.seedBlock);
        bool expired = blockhash(j.seedBlock) == 0;
        if (!expired && staking.countValidators(j.seedBlock) >= MIN_VALIDATORS) {
            revert JobEscrow_SeedStillGood(jobId, j.seedBlock);
        }

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

    function _nextSeedBlock() private view returns (uint48) {
        return uint48(block.number) + SEED_DELAY_BLOCKS;
    }

    function _requireBeforeDeadline(bytes32 jobId, uint48 deadline) private view {
        if (block.timestamp >= deadline) revert JobEscrow_DeadlinePassed(jobId, deadline);
    }

    function _seed(bytes32 jobId, uint48 seedBlock) private view returns (bytes32) {
        if (block.number <= seedBlock) revert JobEscrow_SeedNotReady(jobId, seedBlock);
        bytes32 blockHash = blockhash(seedBlock);
        if (blockHash == 0) revert JobEscrow_SeedExpired(jobId, seedBlock);
        return keccak256(abi.encode(blockHash, jobId));
    }

    function _hashOfDrawn(address[] memory list) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(list));
    }
}
