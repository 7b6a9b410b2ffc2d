// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Crew, IJobEscrow, SettleVerdict, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";

/// @dev settle: rule 3 for any fee, any commission and any split, and who may be paid.
contract SettleTest is Market {
    using Lists for address[];
    using Lists for uint256[];

    function setUp() public {
        deployMarket();
    }

    function testFuzz_rule3_settle__any_fee_and_commission__pays_exactly_the_fee(
        uint256 fee,
        uint256 bps,
        uint256 n,
        uint256 seed
    ) public {
        fee = bound(fee, 1, token.cap());
        bps = bound(bps, 0, 500);
        n = bound(n, 1, 4);
        escrow.setCommission(uint16(bps));
        bytes32 jobId = assignedJob("job", fee, n);
        uint256 commission = (fee * bps) / 10_000;
        uint256[] memory amounts = Lists.split(fee - commission, n, seed);
        settle(jobId, amounts);

        requireStatus(jobId, Status.Settled);
        for (uint256 i; i < n; ++i) vm.assertEq(escrow.credit(trainers[i]), amounts[i]);
        vm.assertEq(escrow.credit(treasury), commission);
        vm.assertEq(escrow.totalCredits(), fee);
        vm.assertEq(escrow.openFees(), 0);
        vm.assertEq(token.balanceOf(address(escrow)), fee);
        vm.assertLe(escrow.credit(treasury), fee / 20);
    }

    function testFuzz_rule3_settle__any_other_sum__refused(uint256 fee, uint256 seed, uint256 off) public {
        fee = bound(fee, 1, token.cap());
        bytes32 jobId = assignedJob("job", fee, 3);
        uint256 pool = poolOf(fee);
        uint256[] memory amounts = Lists.split(pool, 3, seed);
        off = bound(off, 0, 2 * fee);
        vm.assume(off != amounts[0]);
        amounts[0] = off;
        _refused(
            settleVerdict(jobId, amounts),
            abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongSum.selector, amounts.sum(), pool)
        );
    }

    function test_rule3_settle__sum_that_wraps_around__refused() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        uint256[] memory amounts = new uint256[](2);
        (amounts[0], amounts[1]) = (type(uint256).max, 99);
        _refused(settleVerdict(jobId, amounts), abi.encodeWithSignature("Panic(uint256)", 0x11));
    }

    function test_rule3_settle__commission_raised_meanwhile__the_one_at_opening_holds() public {
        bytes32 jobId = assignedJob("job", 10_000, 1);
        escrow.setCommission(500);
        settle(jobId, Lists.split(9_800, 1, 0));
        vm.assertEq(escrow.credit(treasury), 200);
    }

    function test_rule6_settle__nodes__are_free_again() public {
        bytes32 jobId = assignedJob("job", 100, 3);
        bytes32 other = assignedJob("other", 100, 2);
        settle(jobId, Lists.split(98, 3, 0));
        vm.assertTrue(escrow.job(jobId).released);
        address[] memory judges = crewOf[other].validators;
        for (uint256 i; i < 4; ++i) {
            vm.assertEq(escrow.openJobs(trainers[i]), i < 2 ? 1 : 0);
            vm.assertEq(escrow.openJobs(validators[i]), judges.count(validators[i]));
        }
    }

    function test_settle__by_a_stranger_after_the_deadline__still_pays() public {
        bytes32 jobId = assignedJob("job", 100, 1);
        passDeadline(jobId);
        escrow.pause();
        SettleVerdict memory verdict = settleVerdict(jobId, Lists.split(98, 1, 0));
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashSettle(verdict));
        vm.prank(stranger);
        escrow.settle(verdict, crewOf[jobId], signatures);
        vm.assertEq(escrow.credit(trainers[0]), 98);
    }

    function test_settle__others_than_the_trainers_paid__refused() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        SettleVerdict memory verdict = settleVerdict(jobId, Lists.split(98, 2, 0));
        bytes memory refusal = abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongCrew.selector, jobId);
        verdict.payees = Lists.list(trainers[0], stranger);
        _refused(verdict, refusal);
        verdict.payees = Lists.list(trainers[1], trainers[0]);
        _refused(verdict, refusal);
        verdict.payees = Lists.list(trainers[0], trainers[0]);
        _refused(verdict, refusal);
        verdict.payees = trainers.first(1);
        _refused(verdict, refusal);
        verdict.payees = trainers.first(3);
        _refused(verdict, refusal);
    }

    function test_settle__lists_of_different_length__refused() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        SettleVerdict memory verdict = settleVerdict(jobId, Lists.split(98, 1, 0));
        _refused(verdict, abi.encodeWithSelector(IJobEscrow.JobEscrow_LengthMismatch.selector, 2, 1, 2));
        verdict.amounts = Lists.split(98, 3, 0);
        _refused(verdict, abi.encodeWithSelector(IJobEscrow.JobEscrow_LengthMismatch.selector, 2, 3, 2));
        verdict.amounts = Lists.split(98, 2, 0);
        verdict.scores = scoresOf(1);
        _refused(verdict, abi.encodeWithSelector(IJobEscrow.JobEscrow_LengthMismatch.selector, 2, 2, 1));
        verdict.scores = scoresOf(3);
        _refused(verdict, abi.encodeWithSelector(IJobEscrow.JobEscrow_LengthMismatch.selector, 2, 2, 3));
    }

    function test_settle__64_payees_at_once__and_not_one_more() public {
        for (uint256 i = 4; i < 65; ++i) trainers.push(joinAs(1, i));
        bytes32 jobId = assignedJob("64", 10_000, 64);
        settle(jobId, Lists.split(9_800, 64, 0));
        requireStatus(jobId, Status.Settled);
        jobId = assignedJob("65", 10_000, 65);
        _refused(
            settleVerdict(jobId, Lists.split(9_800, 65, 0)),
            abi.encodeWithSelector(IJobEscrow.JobEscrow_TooManyPayees.selector, 65, 64)
        );
    }

    function test_rule2_settle__repeat_verdict__pays_once() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        SettleVerdict memory verdict = settleVerdict(jobId, Lists.split(98, 2, 0));
        settle(jobId, verdict.amounts);
        _refused(
            verdict,
            abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongStatus.selector, jobId, Status.Settled)
        );
        vm.assertEq(escrow.totalCredits(), 100);
    }

    function test_rule2_settle__after_every_other_end__refused() public {
        // Somebody else's fee lies there to be taken.
        openJob("other", 1_000, 600);
        bytes32 jobId = assignedJob("reclaimed", 100, 1);
        passDeadline(jobId);
        escrow.reclaim(jobId);
        _refusedAs(jobId, Status.Reclaimed);
        jobId = assignedJob("failed", 100, 1);
        fail(jobId, new address[](0));
        _refusedAs(jobId, Status.Failed);
        jobId = drawingJob("cancelled", 100, 1);
        _refusedAs(jobId, Status.Drawing);
        vm.prank(customer);
        escrow.cancel(jobId);
        _refusedAs(jobId, Status.Cancelled);
    }

    function test_rule8_settle__event__carries_the_whole_verdict() public {
        bytes32 jobId = assignedJob("job", 100, 3);
        SettleVerdict memory v = settleVerdict(jobId, Lists.split(98, 3, 5));
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashSettle(v));
        vm.expectEmit(address(escrow));
        emit IJobEscrow.JobSettled(
            jobId,
            v.resultHash,
            v.evidenceHash,
            v.payees,
            v.amounts,
            v.scores,
            2,
            signatures
        );
        escrow.settle(v, crewOf[jobId], signatures);
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _refusedAs(bytes32 jobId, Status status) private {
        SettleVerdict memory verdict = settleVerdict(jobId, Lists.split(98, 1, 0));
        bool drawn = crewOf[jobId].keys.length > 0;
        bytes[] memory signatures = new bytes[](0);
        if (drawn) signatures = quorumSigns(jobId, escrow.hashSettle(verdict));
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongStatus.selector, jobId, status));
        escrow.settle(verdict, crewOf[jobId], signatures);
    }

    function _refused(SettleVerdict memory verdict, bytes memory refusal) private {
        bytes[] memory signatures = quorumSigns(verdict.jobId, escrow.hashSettle(verdict));
        Crew memory crew = crewOf[verdict.jobId];
        vm.expectRevert(refusal);
        escrow.settle(verdict, crew, signatures);
    }
}
