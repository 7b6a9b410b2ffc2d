// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";

import {IJobEscrow, Job, Status} from "../interfaces/IJobEscrow.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";

/// @title EscrowJobs
/// @notice The record of every job, and the one way in which a job ends.
abstract contract EscrowJobs is IJobEscrow, AccessControl {
    INodeStaking public immutable staking;

    uint256 public openFees;

    mapping(bytes32 jobId => Job) internal _jobs;
    mapping(bytes32 jobId => address[]) internal _trainers;
    mapping(bytes32 jobId => address[]) internal _validators;
    mapping(bytes32 jobId => address[]) internal _validatorKeys;

    constructor(INodeStaking staking_) {
        staking = staking_;
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
    function trainers(bytes32 jobId) external view returns (address[] memory) {
        return _trainers[jobId];
    }

    /// @inheritdoc IJobEscrow
    function validators(bytes32 jobId) external view returns (address[] memory) {
        return _validators[jobId];
    }

    /// @inheritdoc IJobEscrow
    function validatorKeys(bytes32 jobId) external view returns (address[] memory) {
        return _validatorKeys[jobId];
    }

    /// @dev The only writer of the four final statuses. The caller has checked that the job is Open or Assigned.
    function _end(bytes32 jobId, Status final_) internal {
        Job storage j = _jobs[jobId];
        bool assigned = j.status == Status.Assigned;
        j.status = final_;
        openFees -= j.fee;
        if (!assigned) return;

        staking.release(_trainers[jobId]);
        staking.release(_validators[jobId]);
    }

    function _requireStatus(bytes32 jobId, Status expected) internal view {
        Status actual = _jobs[jobId].status;
        if (actual != expected) revert JobEscrow_WrongStatus(jobId, actual);
    }

    /// @dev Every one of `named` is in `among`, and once only.
    /// @return rest Those of `among` that are not named, in order.
    function _requireDistinct(
        address[] memory named,
        address[] memory among
    ) internal pure returns (address[] memory rest) {
        bool[] memory seen = new bool[](among.length);
        for (uint256 i; i < named.length; ++i) {
            uint256 at;
            while (at < among.length && among[at] != named[i]) ++at;
            if (at == among.length) revert JobEscrow_NotATrainer(named[i]);
            if (seen[at]) revert JobEscrow_NamedTwice(named[i]);
            seen[at] = true;
        }

        rest = new address[](among.length - named.length);
        uint256 next;
        for (uint256 i; i < among.length; ++i) if (!seen[i]) rest[next++] = among[i];
    }
}
