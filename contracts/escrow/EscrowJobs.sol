// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";

import {Crew, IJobEscrow, Job, Status} from "../interfaces/IJobEscrow.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {Words} from "../libraries/Words.sol";
import {EscrowCredits} from "./EscrowCredits.sol";

/// @title EscrowJobs
/// @notice The record of every job, who is bound by it, and how they become free.
abstract contract EscrowJobs is EscrowCredits, AccessControl {
    using Words for address[];

    INodeStaking public immutable staking;

    mapping(bytes32 jobId => Job) internal _jobs;

    constructor(INodeStaking staking_) {
        if (address(staking_) == address(0)) revert JobEscrow_ZeroAddress();
        staking = staking_;
    }

    /// @inheritdoc IJobEscrow
    function release(bytes32 jobId, address[] calldata trainers, Crew calldata crew) external {
        Job storage j = _jobs[jobId];
        if (!_isFinal(j.status)) revert JobEscrow_WrongStatus(jobId, j.status);
        if (j.released) revert JobEscrow_AlreadyReleased(jobId);
        _requireCrew(jobId, trainers.hash(), crew);

        j.released = true;
        j.commitment = 0;

        emit JobReleased(jobId);
        _release(trainers);
        _release(crew.validators);
    }

    /// @inheritdoc IJobEscrow
    function jobIdOf(address customer, bytes32 ref) public pure returns (bytes32) {
        return keccak256(abi.encode(customer, ref));
    }

    /// @inheritdoc IJobEscrow
    function job(bytes32 jobId) external view returns (Job memory) {
        return _jobs[jobId];
    }

    /// @inheritdoc IJobEscrow
    function crewHash(bytes32 trainersHash, Crew calldata crew) public pure returns (bytes32) {
        return _commitment(trainersHash, crew.validators.hash(), crew.keys.hash());
    }

    function _commitment(
        bytes32 trainersHash,
        bytes32 validatorsHash,
        bytes32 keysHash
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(trainersHash, validatorsHash, keysHash));
    }

    function _isFinal(Status status) internal pure returns (bool) {
        return uint8(status) >= uint8(Status.Settled);
    }

    function _requireStatus(bytes32 jobId, Status expected) internal view {
        Status actual = _jobs[jobId].status;
        if (actual != expected) revert JobEscrow_WrongStatus(jobId, actual);
    }

    function _requireCrew(bytes32 jobId, bytes32 trainersHash, Crew calldata crew) internal view {
        if (_jobs[jobId].commitment != crewHash(trainersHash, crew)) revert JobEscrow_WrongCrew(jobId);
    }
}
