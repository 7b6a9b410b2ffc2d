// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Crew, IJobEscrow, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";

/// @dev cancel, reclaim: the whole fee goes back to the customer (rule 2). release: and the nodes go free (rule 6).
contract RefundTest is Market {
    using Lists for address[];

    function setUp() public {
        deployMarket();
    }

    /* ------------------------------------------------ cancel ----------------------------------------------- */

    function testFuzz_rule2_cancel__any_fee__all_of_it_is_credited(
        uint256 fee,
        bool drawing,
        bool byOperator
    ) public {
        fee = bound(fee, 1, token.cap());
        bytes32 jobId = drawing ? drawingJob("job", fee, 2) : openJob("job", fee, 600);
        vm.expectEmit(address(escrow));
        emit IJobEscrow.JobCancelled(jobId, customer, fee);
        vm.prank(byOperator ? operator : customer);
        escrow.cancel(jobId);
        requireStatus(jobId, Status.Cancelled);
        vm.assertEq(escrow.credit(customer), fee);
        vm.assertEq(escrow.totalCredits(), fee);
        vm.assertEq(escrow.openFees(), 0);
        vm.assertTrue(escrow.job(jobId).released == !drawing);
    }

    function test_rule2_cancel__by_anybody_else__refused() public {
        bytes32 jobId = openJob("job", 100, 600);
        address[5] memory others = [stranger, admin, arbiter, treasury, trainers[0]];
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IJobEscrow.JobEscrow_NotCustomerOrOperator.selector, others[i])
            );
            vm.prank(others[i]);
            escrow.cancel(jobId);
        }
    }

    function test_rule2_cancel__after_the_draw__refused() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        _notCancellable(jobId, customer, Status.Assigned);
        _notCancellable(jobId, operator, Status.Assigned);
    }

    /// @dev Or one could cancel and open anew until one likes the judges.
    function test_rule5_cancel__seed_readable__refused_until_it_expires() public {
        bytes32 jobId = drawingJob("job", 100, 2);
        uint48 seedBlock = escrow.job(jobId).seedBlock;
        vm.roll(seedBlock + 1);
        _drawPending(jobId, customer, seedBlock);
        vm.roll(seedBlock + 256);
        _drawPending(jobId, operator, seedBlock);
        vm.roll(seedBlock + 257);
        vm.prank(customer);
        escrow.cancel(jobId);
        vm.assertEq(escrow.credit(customer), 100);
    }

    function test_rule2_cancel__after_the_end__refused() public {
        bytes32 jobId = openJob("job", 100, 600);
        vm.prank(customer);
        escrow.cancel(jobId);
        _notCancellable(jobId, customer, Status.Cancelled);
        _notCancellable("nothing", customer, Status.None);
        vm.assertEq(escrow.credit(customer), 100);
    }

    /* ------------------------------------------------ reclaim ---------------------------------------------- */

    /// @param stage How far the job had come: open, drawing, assigned.
    function testFuzz_rule2_reclaim__any_stage_after_the_deadline__pays_without_the_operator(
        uint256 fee,
        uint256 stage,
        uint256 later
    ) public {
        fee = bound(fee, 1, token.cap());
        bytes32 jobId = _at(stage % 3, fee);
        escrow.pause();
        escrow.revokeRole(escrow.OPERATOR_ROLE(), operator);
        vm.warp(escrow.job(jobId).deadline + bound(later, 0, 3650 days));
        vm.expectEmit(address(escrow));
        emit IJobEscrow.JobReclaimed(jobId, customer, fee);
        vm.prank(stranger);
        escrow.reclaim(jobId);
        requireStatus(jobId, Status.Reclaimed);
        vm.assertEq(token.balanceOf(customer), fee);
        vm.assertEq(token.balanceOf(address(escrow)), 0);
        vm.assertEq(escrow.openFees() + escrow.totalCredits(), 0);
        vm.assertTrue(escrow.job(jobId).released == (stage % 3 == 0));
    }

    function testFuzz_rule2_reclaim__any_moment_before_the_deadline__refused(
        uint256 stage,
        uint256 early
    ) public {
        bytes32 jobId = _at(stage % 3, 100);
        uint48 deadline = escrow.job(jobId).deadline;
        vm.warp(deadline - bound(early, 1, 600));
        vm.expectRevert(
            abi.encodeWithSelector(IJobEscrow.JobEscrow_DeadlineNotReached.selector, jobId, deadline)
        );
        vm.prank(customer);
        escrow.reclaim(jobId);
    }

    function test_rule2_reclaim__twice__refused() public {
        openJob("other", 100, 600);
        bytes32 jobId = openJob("job", 100, 600);
        passDeadline(jobId);
        escrow.reclaim(jobId);
        _notReclaimable(jobId, Status.Reclaimed);
        vm.assertEq(token.balanceOf(customer), 100);
    }

    function test_rule2_reclaim__after_every_other_end__refused() public {
        bytes32 settled = assignedJob("settled", 100, 1);
        settle(settled, Lists.split(98, 1, 0));
        bytes32 failed = assignedJob("failed", 100, 1);
        fail(failed, new address[](0));
        bytes32 cancelled = openJob("cancelled", 100, 600);
        vm.prank(customer);
        escrow.cancel(cancelled);
        passDeadline(cancelled);
        _notReclaimable(settled, Status.Settled);
        _notReclaimable(failed, Status.Failed);
        _notReclaimable(cancelled, Status.Cancelled);
        _notReclaimable("nothing", Status.None);
    }

    /* ------------------------------------------------ release ---------------------------------------------- */

    function test_rule6_release__cancelled_before_the_draw__trainers_free() public {
        bytes32 jobId = drawingJob("job", 100, 3);
        vm.prank(customer);
        escrow.cancel(jobId);
        vm.assertEq(escrow.openJobs(trainers[0]), 1);
        vm.expectEmit(address(escrow));
        emit IJobEscrow.JobReleased(jobId);
        vm.prank(stranger);
        escrow.release(jobId, trainersOf[jobId], noCrew);
        for (uint256 i; i < 4; ++i) vm.assertEq(escrow.openJobs(trainers[i]), 0);
        vm.assertTrue(escrow.job(jobId).released);
        vm.assertEq(escrow.job(jobId).commitment, 0);
    }

    function test_rule6_release__reclaimed__trainers_and_validators_free() public {
        bytes32 jobId = assignedJob("job", 100, 3);
        passDeadline(jobId);
        escrow.reclaim(jobId);
        escrow.release(jobId, trainersOf[jobId], crewOf[jobId]);
        for (uint256 i; i < 4; ++i) {
            vm.assertEq(escrow.openJobs(trainers[i]) + escrow.openJobs(validators[i]), 0);
        }
    }

    function test_rule6_release__before_the_end__refused() public {
        bytes32 jobId = openJob("job", 100, 600);
        _notReleasable(jobId, Status.Open);
        assignJob(jobId, trainers.first(2));
        _notReleasable(jobId, Status.Drawing);
        drawJob(jobId);
        _notReleasable(jobId, Status.Assigned);
    }

    function test_rule6_release__twice__refused() public {
        // The second job keeps the count above zero, so that only the rule can refuse.
        assignedJob("other", 100, 3);
        bytes32 jobId = assignedJob("job", 100, 3);
        passDeadline(jobId);
        escrow.reclaim(jobId);
        escrow.release(jobId, trainersOf[jobId], crewOf[jobId]);
        _alreadyReleased(jobId);
        vm.assertEq(escrow.openJobs(trainers[0]), 1);
    }

    function test_rule6_release__ended_by_settle_or_fail_or_open__nothing_left() public {
        assignedJob("other", 100, 3);
        bytes32 jobId = assignedJob("settled", 100, 3);
        settle(jobId, Lists.split(98, 3, 0));
        _alreadyReleased(jobId);
        jobId = assignedJob("failed", 100, 3);
        fail(jobId, new address[](0));
        _alreadyReleased(jobId);
        jobId = openJob("cancelled", 100, 600);
        vm.prank(customer);
        escrow.cancel(jobId);
        _alreadyReleased(jobId);
        jobId = openJob("reclaimed", 100, 600);
        passDeadline(jobId);
        escrow.reclaim(jobId);
        _alreadyReleased(jobId);
    }

    function test_rule6_release__other_nodes_than_bound__refused() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        passDeadline(jobId);
        escrow.reclaim(jobId);
        Crew memory crew = crewOf[jobId];
        _wrongCrew(jobId, trainers.first(3), crew);
        _wrongCrew(jobId, trainers.first(1), crew);
        _wrongCrew(jobId, trainers.first(2), noCrew);
        crew.validators = validators;
        _wrongCrew(jobId, trainers.first(2), crew);
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _at(uint256 stage, uint256 fee) private returns (bytes32) {
        if (stage == 0) return openJob("job", fee, 600);
        return stage == 1 ? drawingJob("job", fee, 2) : assignedJob("job", fee, 2);
    }

    function _drawPending(bytes32 jobId, address who, uint48 seedBlock) private {
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_DrawPending.selector, jobId, seedBlock));
        vm.prank(who);
        escrow.cancel(jobId);
    }

    function _notCancellable(bytes32 jobId, address by, Status status) private {
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongStatus.selector, jobId, status));
        vm.prank(by);
        escrow.cancel(jobId);
    }

    function _notReclaimable(bytes32 jobId, Status status) private {
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongStatus.selector, jobId, status));
        escrow.reclaim(jobId);
    }

    function _notReleasable(bytes32 jobId, Status status) private {
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongStatus.selector, jobId, status));
        escrow.release(jobId, trainersOf[jobId], crewOf[jobId]);
    }

    function _alreadyReleased(bytes32 jobId) private {
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_AlreadyReleased.selector, jobId));
        escrow.release(jobId, trainersOf[jobId], crewOf[jobId]);
    }

    function _wrongCrew(bytes32 jobId, address[] memory some, Crew memory crew) private {
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongCrew.selector, jobId));
        escrow.release(jobId, some, crew);
    }
}
