// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IJobEscrow, PayoutVerdict, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";
import {PayoutTree} from "../PayoutTree.sol";

/// @dev settleByRoot, claim: payment of any number of trainers.
contract PayoutTest is Market {
    using Lists for address[];
    using PayoutTree for PayoutTree.Tree;

    uint256 private constant FEE = 10_000;
    uint256 private constant POOL = 9_800;

    function setUp() public {
        deployMarket();
    }

    function testFuzz_rule3_claim__everybody_in_any_order__paid_exactly_the_fee(
        uint256 fee,
        uint256 n,
        uint256 seed
    ) public {
        fee = bound(fee, 1, token.cap());
        n = bound(n, 1, 4);
        bytes32 jobId = assignedJob("job", fee, n);
        uint256[] memory amounts = Lists.split(poolOf(fee), n, seed);
        PayoutTree.Tree memory tree = PayoutTree.build(trainers.first(n), amounts);
        settleByRoot(jobId, tree.root());
        vm.assertEq(escrow.credit(treasury), fee - poolOf(fee));
        vm.assertEq(escrow.totalCredits(), fee);
        for (uint256 k; k < n; ++k) {
            uint256 i = (k + (seed % n)) % n;
            vm.assertFalse(escrow.isClaimed(jobId, i));
            _claim(jobId, tree, i, trainers[i], amounts[i]);
            vm.assertTrue(escrow.isClaimed(jobId, i));
            vm.assertEq(escrow.credit(trainers[i]), amounts[i]);
        }
        vm.assertEq(escrow.totalCredits(), fee);
        vm.assertEq(token.balanceOf(address(escrow)), fee);
    }

    function test_claim__300_payees__each_once() public {
        (bytes32 jobId, PayoutTree.Tree memory tree) = _settled(300);
        for (uint256 i; i < 300; ++i) _claim(jobId, tree, i, trainers[i], i == 0 ? POOL - 299 : 1);
        for (uint256 i; i < 300; i += 37) {
            _refused(jobId, tree, i, trainers[i], i == 0 ? POOL - 299 : 1, _claimedAlready(jobId, i));
        }
        for (uint256 i; i < 300; ++i) escrow.withdrawFor(trainers[i]);
        escrow.withdrawFor(treasury);
        vm.assertEq(token.balanceOf(address(escrow)), 0);
    }

    function test_rule3_claim__twice__refused() public {
        (bytes32 jobId, PayoutTree.Tree memory tree) = _settled(3);
        _claim(jobId, tree, 1, trainers[1], 1);
        _refused(jobId, tree, 1, trainers[1], 1, _claimedAlready(jobId, 1));
        vm.assertEq(escrow.credit(trainers[1]), 1);
    }

    /// @dev The bits of an index above the tree's height choose no side, so only the leaf's hash can refuse them.
    function testFuzz_rule3_claim__same_leaf_under_a_longer_index__refused(
        uint256 index,
        uint256 more
    ) public {
        (bytes32 jobId, PayoutTree.Tree memory tree) = _settled(3);
        index = bound(index, 0, 2);
        uint256 amount = index == 0 ? POOL - 2 : 1;
        _claim(jobId, tree, index, trainers[index], amount);
        (bytes32[] memory siblings, uint256[] memory sums) = tree.proof(index);
        uint256 longer = index + 4 * bound(more, 1, type(uint256).max / 4 - 1);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongProof.selector, jobId, longer));
        escrow.claim(jobId, longer, trainers[index], amount, siblings, sums);
    }

    /// @param what Which part of a right claim is changed.
    function testFuzz_rule3_claim__anything_else_than_is_due__refused(uint256 what, uint256 change) public {
        (bytes32 jobId, PayoutTree.Tree memory tree) = _settled(3);
        (bytes32[] memory siblings, uint256[] memory sums) = tree.proof(1);
        (uint256 index, address payee, uint256 amount) = (1, trainers[1], 1);
        change = bound(change, 1, 1e30);
        what = what % 6;
        if (what == 0) index += change;
        else if (what == 1) payee = stranger;
        else if (what == 2) amount += change;
        else if (what == 3) siblings[change % 2] ^= bytes32(change);
        else if (what == 4) sums[change % 2] += change;
        else sums = new uint256[](change % 2);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongProof.selector, jobId, index));
        escrow.claim(jobId, index, payee, amount, siblings, sums);
    }

    /// @dev A quorum can sign a tree of too much; nobody gets anything by it.
    function testFuzz_rule3_claim__tree_of_another_sum__pays_nobody(uint256 total, uint256 seed) public {
        total = bound(total, 0, 2 * FEE);
        vm.assume(total != POOL);
        bytes32 jobId = assignedJob("job", FEE, 3);
        uint256[] memory amounts = Lists.split(total, 3, seed);
        PayoutTree.Tree memory tree = PayoutTree.build(trainers.first(3), amounts);
        settleByRoot(jobId, tree.root());
        for (uint256 i; i < 3; ++i) {
            _refused(
                jobId,
                tree,
                i,
                trainers[i],
                amounts[i],
                abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongProof.selector, jobId, i)
            );
        }
    }

    /* ------------------------------------------- returnUnclaimed ------------------------------------------- */

    /// @dev Not even a tree that nobody can claim from locks the fee for ever.
    function test_rule2_returnUnclaimed__wrong_tree__the_customer_gets_the_pay_back_after_a_year() public {
        bytes32 jobId = assignedJob("job", FEE, 3);
        settleByRoot(jobId, keccak256("no tree at all"));
        (uint128 left, uint64 until) = escrow.unclaimed(jobId);
        vm.assertEq(left, POOL);
        vm.assertEq(until, block.timestamp + 365 days);
        vm.warp(until - 1);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_ClaimsOpen.selector, jobId, until));
        escrow.returnUnclaimed(jobId);
        vm.warp(until);
        vm.expectEmit(address(escrow));
        emit IJobEscrow.UnclaimedReturned(jobId, customer, POOL);
        vm.prank(stranger);
        escrow.returnUnclaimed(jobId);
        vm.assertEq(escrow.credit(customer), POOL);
        vm.assertEq(escrow.totalCredits(), FEE);
        escrow.withdrawFor(customer);
        escrow.withdrawFor(treasury);
        vm.assertEq(token.balanceOf(address(escrow)), 0);
    }

    function test_rule3_returnUnclaimed__some_claimed__only_the_rest_and_once() public {
        (bytes32 jobId, PayoutTree.Tree memory tree) = _settled(3);
        _claim(jobId, tree, 0, trainers[0], POOL - 2);
        vm.warp(block.timestamp + 365 days);
        _claim(jobId, tree, 1, trainers[1], 1);
        escrow.returnUnclaimed(jobId);
        vm.assertEq(escrow.credit(customer), 1);
        bytes memory none = abi.encodeWithSelector(IJobEscrow.JobEscrow_NothingUnclaimed.selector, jobId);
        _refused(jobId, tree, 2, trainers[2], 1, none);
        vm.expectRevert(none);
        escrow.returnUnclaimed(jobId);
        vm.assertEq(escrow.totalCredits(), FEE);
    }

    function test_returnUnclaimed__job_not_settled_by_root__refused() public {
        bytes32 jobId = assignedJob("job", FEE, 1);
        vm.warp(block.timestamp + 366 days);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_NothingUnclaimed.selector, jobId));
        escrow.returnUnclaimed(jobId);
    }

    /* ------------------------------------------------- again ----------------------------------------------- */

    function test_claim__job_not_settled_by_root__refused() public {
        bytes32 jobId = assignedJob("job", FEE, 1);
        PayoutTree.Tree memory tree = PayoutTree.build(trainers.first(1), Lists.split(POOL, 1, 0));
        bytes memory refusal = abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongProof.selector, jobId, 0);
        _refused(jobId, tree, 0, trainers[0], POOL, refusal);
        settle(jobId, Lists.split(POOL, 1, 0));
        _refused(jobId, tree, 0, trainers[0], POOL, refusal);
        vm.assertEq(escrow.payoutRoot(jobId), 0);
    }

    function test_claim__commission_raised_meanwhile__the_one_at_opening_holds() public {
        (bytes32 jobId, PayoutTree.Tree memory tree) = _settled(2);
        escrow.setCommission(500);
        _claim(jobId, tree, 0, trainers[0], POOL - 1);
    }

    function test_rule6_settleByRoot__nodes__stay_bound_until_released() public {
        (bytes32 jobId, ) = _settled(3);
        vm.assertFalse(escrow.job(jobId).released);
        vm.assertEq(escrow.openJobs(trainers[2]), 1);
        escrow.release(jobId, trainersOf[jobId], crewOf[jobId]);
        vm.assertEq(escrow.openJobs(trainers[2]), 0);
    }

    function test_settleByRoot__other_trainers__refused() public {
        bytes32 jobId = assignedJob("job", FEE, 2);
        PayoutVerdict memory v = PayoutVerdict(jobId, RESULT, EVIDENCE, "root", 2);
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashPayout(v));
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongCrew.selector, jobId));
        escrow.settleByRoot(v, hashOf(trainers.first(3)), crewOf[jobId], signatures);
    }

    function test_rule2_settleByRoot__after_the_end__refused() public {
        (bytes32 jobId, PayoutTree.Tree memory tree) = _settled(2);
        PayoutVerdict memory v = PayoutVerdict(jobId, RESULT, EVIDENCE, tree.root(), 2);
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashPayout(v));
        vm.expectRevert(
            abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongStatus.selector, jobId, Status.Settled)
        );
        escrow.settleByRoot(v, hashOf(trainersOf[jobId]), crewOf[jobId], signatures);
        vm.assertEq(escrow.totalCredits(), FEE);
    }

    function test_rule8_settleByRoot__events__carry_verdict_and_claims() public {
        bytes32 jobId = assignedJob("job", FEE, 2);
        PayoutTree.Tree memory tree = PayoutTree.build(trainers.first(2), Lists.split(POOL, 2, 0));
        PayoutVerdict memory v = PayoutVerdict(jobId, RESULT, EVIDENCE, tree.root(), 2);
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashPayout(v));
        vm.expectEmit(address(escrow));
        emit IJobEscrow.JobSettledByRoot(jobId, RESULT, EVIDENCE, tree.root(), 2, FEE - POOL, signatures);
        escrow.settleByRoot(v, hashOf(trainersOf[jobId]), crewOf[jobId], signatures);
        vm.assertEq(escrow.payoutRoot(jobId), tree.root());

        uint256 amount = Lists.split(POOL, 2, 0)[1];
        vm.expectEmit(address(escrow));
        emit IJobEscrow.PayoutClaimed(jobId, trainers[1], 1, amount);
        _claim(jobId, tree, 1, trainers[1], amount);
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    /// @dev A job settled by root: one wei for everybody but the first.
    function _settled(uint256 n) private returns (bytes32 jobId, PayoutTree.Tree memory tree) {
        for (uint256 i = trainers.length; i < n; ++i) trainers.push(joinAs(1, i));
        jobId = assignedJob("job", FEE, n);
        uint256[] memory amounts = new uint256[](n);
        amounts[0] = POOL - (n - 1);
        for (uint256 i = 1; i < n; ++i) amounts[i] = 1;
        tree = PayoutTree.build(trainers.first(n), amounts);
        settleByRoot(jobId, tree.root());
    }

    function _claim(
        bytes32 jobId,
        PayoutTree.Tree memory tree,
        uint256 index,
        address payee,
        uint256 amount
    ) private {
        (bytes32[] memory siblings, uint256[] memory sums) = tree.proof(index);
        vm.prank(stranger);
        escrow.claim(jobId, index, payee, amount, siblings, sums);
    }

    function _refused(
        bytes32 jobId,
        PayoutTree.Tree memory tree,
        uint256 index,
        address payee,
        uint256 amount,
        bytes memory refusal
    ) private {
        (bytes32[] memory siblings, uint256[] memory sums) = tree.proof(index);
        vm.expectRevert(refusal);
        escrow.claim(jobId, index, payee, amount, siblings, sums);
    }

    function _claimedAlready(bytes32 jobId, uint256 index) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IJobEscrow.JobEscrow_AlreadyClaimed.selector, jobId, index);
    }
}
