// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";

import {IDMLToken} from "../interfaces/IDMLToken.sol";
import {IJobEscrow, Job, Status} from "../interfaces/IJobEscrow.sol";
import {INodeStaking} from "../interfaces/INodeStaking.sol";
import {EscrowAccusations} from "./EscrowAccusations.sol";
import {EscrowAssignment} from "./EscrowAssignment.sol";
import {EscrowCredits} from "./EscrowCredits.sol";
import {EscrowJobs} from "./EscrowJobs.sol";
import {EscrowVerdicts} from "./EscrowVerdicts.sol";

/// @title JobEscrow
/// @notice The money of the jobs. See {IJobEscrow}.
contract JobEscrow is EscrowAssignment, EscrowVerdicts, Pausable {
    using SafeCast for uint256;
    using SafeERC20 for IDMLToken;

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
    ) EscrowCredits(token_) EscrowJobs(staking_) EscrowAccusations(treasury_, contestWindow_) {
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
        if (j.status != Status.Open && j.status != Status.Drawing) {
            revert JobEscrow_WrongStatus(jobId, j.status);
        }
        if (msg.sender != j.customer && !hasRole(OPERATOR_ROLE, msg.sender)) {
            revert JobEscrow_NotCustomerOrOperator(msg.sender);
        }
        if (j.status == Status.Drawing && block.number > j.seedBlock && blockhash(j.seedBlock) != 0) {
            revert JobEscrow_DrawPending(jobId, j.seedBlock);
        }

        j.released = j.status == Status.Open;
        j.status = Status.Cancelled;
        _feeBecomesCredits(j.fee);
        _credit(j.customer, j.fee);

        emit JobCancelled(jobId, j.customer, j.fee);
    }

    /// @inheritdoc IJobEscrow
    function reclaim(bytes32 jobId) external {
        Job storage j = _jobs[jobId];
        Status status = j.status;
        if (status == Status.None || _isFinal(status)) revert JobEscrow_WrongStatus(jobId, status);
        if (block.timestamp < j.deadline) revert JobEscrow_DeadlineNotReached(jobId, j.deadline);

        j.released = status == Status.Open;
        j.status = Status.Reclaimed;
        _totals.openFees -= j.fee;

        emit JobReclaimed(jobId, j.customer, j.fee);
        token.safeTransfer(j.customer, j.fee);
    }

    /* -------------------------------------------------- admin ---------------------------------------------- */

    /// @inheritdoc IJobEscrow
    function setCommission(uint16 bps) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setCommission(bps);
    }

    /// @inheritdoc IJobEscrow
    function pause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _pause();
    }

    /// @inheritdoc IJobEscrow
    function unpause() external onlyRole(DEFAULT_ADMIN_ROLE) {
        _unpause();
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
        if (_jobs[jobId].status != Status.None) revert JobEscrow_AlreadyOpened(jobId);
        if (fee == 0) revert JobEscrow_ZeroFee();
        uint256 earliest = block.timestamp + MIN_DURATION;
        uint256 latest = block.timestamp + MAX_DURATION;
        if (deadline < earliest || deadline > latest)
            revert JobEscrow_BadDeadline(deadline, earliest, latest);

        uint128 held = fee.toUint128();
        _jobs[jobId] = Job({
            customer: msg.sender,
            deadline: uint48(deadline),
            nextRound: 0,
            fee: held,
            openedBlock: uint48(block.number),
            seedBlock: 0,
            commissionBps: commissionBps,
            status: Status.Open,
            released: false,
            commitment: 0
        });
        _totals.openFees += held;

        emit JobOpened(jobId, msg.sender, ref, specHash, datasetHash, fee, uint48(deadline), commissionBps);
        token.safeTransferFrom(msg.sender, address(this), fee);
    }

    function _setCommission(uint16 bps) private {
        if (bps > MAX_COMMISSION_BPS) revert JobEscrow_CommissionTooHigh(bps, MAX_COMMISSION_BPS);
        commissionBps = bps;
        emit CommissionChanged(bps);
    }
}
