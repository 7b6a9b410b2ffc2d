// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IDMLToken} from "../interfaces/IDMLToken.sol";
import {FailVerdict, IJobEscrow, Job, SettleVerdict, Status} from "../interfaces/IJobEscrow.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {Verdicts} from "../libraries/Verdicts.sol";
import {EscrowAccusations} from "./EscrowAccusations.sol";
import {EscrowAssignment} from "./EscrowAssignment.sol";
import {EscrowCredits} from "./EscrowCredits.sol";
import {EscrowJobs} from "./EscrowJobs.sol";

/// @title JobEscrow
/// @notice The money of the jobs. See {IJobEscrow}.
contract JobEscrow is EscrowCredits, EscrowAssignment, EscrowAccusations, EIP712, Pausable {
    using SafeERC20 for IDMLToken;
    using Verdicts for SettleVerdict;
    using Verdicts for FailVerdict;

    uint16 public constant MAX_COMMISSION_BPS = 500;
    uint64 public constant MIN_DURATION = 30 seconds;
    uint64 public constant MAX_DURATION = 30 days;

    uint16 public commissionBps;

    constructor(
        IDMLToken token_,
        INodeStaking staking_,
        address admin,
        address operator,
        address arbiter,
        address treasury_,
        uint16 commissionBps_,
        uint64 contestWindow_
    )
        EscrowCredits(token_)
        EscrowJobs(staking_)
        EscrowAccusations(treasury_, contestWindow_)
        EIP712("EcoDML", "1")
    {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(OPERATOR_ROLE, operator);
        _grantRole(ARBITER_ROLE, arbiter);
        _setCommission(commissionBps_);
    }

    /* ------------------------------------------------ customer --------------------------------------------- */

    /// @inheritdoc IJobEscrow
    function openJob(
        bytes32 ref,
        bytes32 specHash,
        bytes32 datasetHash,
        uint256 fee,
        uint64 deadline
    ) external {
        _open(ref, specHash, datasetHash, fee, deadline);
    }

    /// @inheritdoc IJobEscrow
    function openJobWithPermit(
        bytes32 ref,
        bytes32 specHash,
        bytes32 datasetHash,
        uint256 fee,
        uint64 deadline,
        uint256 permitDeadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        // Anyone may use the permit first; then the allowance is there already and the payment still works.
        try token.permit(msg.sender, address(this), fee, permitDeadline, v, r, s) {} catch {}
        _open(ref, specHash, datasetHash, fee, deadline);
    }

    /// @inheritdoc IJobEscrow
    function cancel(bytes32 jobId) external {
        Job storage j = _jobs[jobId];
        _requireStatus(jobId, Status.Open);
        if (msg.sender != j.customer && !hasRole(OPERATOR_ROLE, msg.sender)) {
            revert JobEscrow_NotCustomerOrOperator(msg.sender);
        }

        _end(jobId, Status.Cancelled);
        emit JobCancelled(jobId, j.customer, j.fee);
        _credit(j.customer, jobId, j.fee);
    }

    /// @inheritdoc IJobEscrow
    function reclaim(bytes32 jobId) external {
        Job storage j = _jobs[jobId];
        Status status = j.status;
        if (status != Status.Open && status != Status.Assigned) revert JobEscrow_WrongStatus(jobId, status);
        if (block.timestamp < j.deadline) revert JobEscrow_DeadlineNotReached(jobId, j.deadline);

        _end(jobId, Status.Reclaimed);
        emit JobReclaimed(jobId, j.customer, j.fee);
        token.safeTransfer(j.customer, j.fee);
    }

    /* ------------------------------------------------- verdict --------------------------------------------- */

    /// @inheritdoc IJobEscrow
    function settle(bytes32 jobId, SettleVerdict calldata verdict, bytes[] calldata signatures) external {
        Job storage j = _jobs[jobId];
        _requireVerdict(jobId, verdict.jobId, hashSettle(verdict), signatures);
        address[] calldata payees = verdict.payees;
        if (payees.length != verdict.amounts.length) {
            revert JobEscrow_LengthMismatch(payees.length, verdict.amounts.length);
        }
        _requireDistinct(payees, _trainers[jobId]);
        uint256 commissionRoundedDown = (j.fee * j.commissionBps) / 10_000;
        uint256 sum;
        for (uint256 i; i < payees.length; ++i) sum += verdict.amounts[i];
        if (sum != j.fee - commissionRoundedDown)
            revert JobEscrow_WrongSum(sum, j.fee - commissionRoundedDown);

        _end(jobId, Status.Settled);
        emit JobSettled(
            jobId,
            verdict.resultHash,
            verdict.scoresHash,
            payees,
            verdict.amounts,
            commissionRoundedDown
        );
        for (uint256 i; i < payees.length; ++i) _credit(payees[i], jobId, verdict.amounts[i]);
        _credit(treasury, jobId, commissionRoundedDown);
    }

    /// @inheritdoc IJobEscrow
    function fail(bytes32 jobId, FailVerdict calldata verdict, bytes[] calldata signatures) external {
        Job storage j = _jobs[jobId];
        _requireVerdict(jobId, verdict.jobId, hashFail(verdict), signatures);
        address[] memory honest_ = _requireDistinct(verdict.culprits, _trainers[jobId]);

        _end(jobId, Status.Failed);
        emit JobFailed(jobId, verdict.evidenceHash, verdict.scoresHash, verdict.culprits, honest_, j.fee);
        _credit(j.customer, jobId, j.fee);
        _accuse(jobId, verdict.culprits, honest_);
    }

    /* -------------------------------------------------- admin ---------------------------------------------- */

    /// @inheritdoc IJobEscrow
    function setCommission(uint16 bps) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setCommission(bps);
    }

    /// @inheritdoc IJobEscrow
    function setTreasury(address treasury_) external onlyRole(DEFAULT_ADMIN_ROLE) {
        if (treasury_ == address(0)) revert JobEscrow_ZeroAddress();
        treasury = treasury_;
        emit TreasuryChanged(treasury_);
    }

    /// @inheritdoc IJobEscrow
    function pause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _pause();
    }

    /// @inheritdoc IJobEscrow
    function unpause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _unpause();
    }

    /* -------------------------------------------------- views ---------------------------------------------- */

    /// @inheritdoc IJobEscrow
    function quorum(uint256 n) public pure returns (uint256) {
        return n / 2 + 1;
    }

    /// @inheritdoc IJobEscrow
    function hashSettle(SettleVerdict calldata verdict) public view returns (bytes32) {
        return _hashTypedDataV4(verdict.hash());
    }

    /// @inheritdoc IJobEscrow
    function hashFail(FailVerdict calldata verdict) public view returns (bytes32) {
        return _hashTypedDataV4(verdict.hash());
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _open(
        bytes32 ref,
        bytes32 specHash,
        bytes32 datasetHash,
        uint256 fee,
        uint64 deadline
    ) private whenNotPaused {
        bytes32 jobId = jobIdOf(msg.sender, ref);
        Job storage j = _jobs[jobId];
        if (j.status != Status.None) revert JobEscrow_AlreadyOpened(jobId);
        if (fee == 0) revert JobEscrow_ZeroFee();
        uint256 earliest = block.timestamp + MIN_DURATION;
        uint256 latest = block.timestamp + MAX_DURATION;
        if (deadline < earliest || deadline > latest)
            revert JobEscrow_BadDeadline(deadline, earliest, latest);

        j.customer = msg.sender;
        j.fee = fee;
        j.deadline = deadline;
        j.openedBlock = uint64(block.number);
        j.status = Status.Open;
        j.commissionBps = commissionBps;
        j.seedBlock = _nextSeedBlock();
        j.specHash = specHash;
        j.datasetHash = datasetHash;
        openFees += fee;

        emit JobOpened(jobId, msg.sender, ref, specHash, datasetHash, fee, deadline);
        token.safeTransferFrom(msg.sender, address(this), fee);
    }

    function _setCommission(uint16 bps) private {
        if (bps > MAX_COMMISSION_BPS) revert JobEscrow_CommissionTooHigh(bps, MAX_COMMISSION_BPS);
        commissionBps = bps;
        emit CommissionChanged(bps);
    }

    function _requireVerdict(
        bytes32 jobId,
        bytes32 verdictJobId,
        bytes32 digest,
        bytes[] calldata signatures
    ) private view {
        _requireStatus(jobId, Status.Assigned);
        if (verdictJobId != jobId) revert JobEscrow_WrongJob(jobId, verdictJobId);
        address[] memory keys = _validatorKeys[jobId];
        uint256 signers = Verdicts.countSigners(digest, signatures, keys);
        uint256 needed = quorum(keys.length);
        if (signers < needed) revert JobEscrow_QuorumNotReached(signers, needed);
    }
}
