// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {INodeStaking, Node, NodeState} from "../../../../contracts/interfaces/INodeStaking.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";

/// @dev topUp, requestExit, withdraw: what a provider does with its deposit (rules 1 and 6).
contract DepositTest is Market {
    using Lists for address[];

    address private _node;

    function setUp() public {
        deployMarket();
        _node = trainers[0];
    }

    /* ------------------------------------------------- topUp ---------------------------------------------- */

    function testFuzz_rule1_topUp__any_amount__added(uint80 amount) public {
        vm.assume(amount > 0);
        vm.deal(_node, amount);
        vm.expectEmit(address(staking));
        emit INodeStaking.DepositIncreased(_node, amount, MIN_DEPOSIT + amount);
        vm.prank(_node);
        staking.topUp{value: amount}();
        vm.assertEq(staking.node(_node).deposit, MIN_DEPOSIT + amount);
        vm.assertEq(staking.totalActive(), 8 * MIN_DEPOSIT + amount);
    }

    function test_topUp__nothing__refused() public {
        vm.expectRevert(abi.encodeWithSelector(INodeStaking.NodeStaking_DepositTooSmall.selector, 0, 1));
        vm.prank(_node);
        staking.topUp();
    }

    function test_topUp__not_active__refused() public {
        _exit();
        address[2] memory others = [_node, stranger];
        for (uint256 i; i < 2; ++i) {
            vm.deal(others[i], 1);
            vm.expectRevert(abi.encodeWithSelector(INodeStaking.NodeStaking_NotActive.selector, others[i]));
            vm.prank(others[i]);
            staking.topUp{value: 1}();
        }
    }

    /* ---------------------------------------------- requestExit ------------------------------------------- */

    function test_requestExit__active__unbonding_starts() public {
        vm.expectEmit(address(staking));
        emit INodeStaking.ExitRequested(_node, uint64(block.timestamp) + UNBONDING);
        _exit();
        Node memory n = staking.node(_node);
        vm.assertTrue(n.state == NodeState.Exiting);
        vm.assertEq(n.exitAt, block.timestamp + UNBONDING);
        vm.assertEq(staking.totalActive(), 7 * MIN_DEPOSIT);
        vm.assertEq(staking.totalUnbonding(), MIN_DEPOSIT);
        vm.assertEq(staking.activeCount(), 7);
        vm.assertFalse(staking.isAvailable(_node, 1));
    }

    /// @dev The list of the active stays a list of the active, whoever leaves and in whatever order.
    function testFuzz_requestExit__any_order__the_others_stay_listed(uint256 seed, uint256 n) public {
        address[] memory all = trainers.joined(validators);
        n = bound(n, 1, 8);
        bool[] memory gone = new bool[](8);
        for (uint256 k; k < n; ++k) {
            uint256 i = uint256(keccak256(abi.encode(seed, k))) % 8;
            while (gone[i]) i = (i + 1) % 8;
            gone[i] = true;
            vm.prank(all[i]);
            staking.requestExit();
        }
        address[] memory listed = staking.providers();
        vm.assertEq(listed.length, 8 - n);
        for (uint256 i; i < 8; ++i) vm.assertEq(listed.count(all[i]), gone[i] ? 0 : 1);
    }

    function test_requestExit__not_active__refused() public {
        _exit();
        vm.expectRevert(abi.encodeWithSelector(INodeStaking.NodeStaking_NotActive.selector, _node));
        _exit();
        vm.expectRevert(abi.encodeWithSelector(INodeStaking.NodeStaking_NotActive.selector, stranger));
        vm.prank(stranger);
        staking.requestExit();
    }

    /* ------------------------------------------------ withdraw -------------------------------------------- */

    function testFuzz_rule1_withdraw__any_deposit_after_unbonding__whole(uint80 more) public {
        vm.deal(_node, uint256(more) + 1);
        vm.prank(_node);
        staking.topUp{value: uint256(more) + 1}();
        uint256 deposit = MIN_DEPOSIT + more + 1;
        _exit();
        vm.warp(block.timestamp + UNBONDING);
        vm.expectEmit(address(staking));
        emit INodeStaking.DepositWithdrawn(_node, deposit);
        vm.prank(_node);
        staking.withdraw();
        vm.assertEq(_node.balance, deposit);
        vm.assertEq(address(staking).balance, 7 * MIN_DEPOSIT);
        vm.assertEq(staking.totalUnbonding(), 0);
        Node memory n = staking.node(_node);
        vm.assertTrue(n.state == NodeState.None && n.deposit == 0 && n.exitAt == 0 && n.roles == 0);
        vm.assertEq(n.nodeKey, address(0));
        vm.assertEq(staking.providerOf(vm.addr(keyOf(_node))), address(0));
    }

    function testFuzz_rule6_withdraw__any_moment_of_unbonding__refused(uint64 early) public {
        _exit();
        uint64 exitAt = uint64(block.timestamp) + UNBONDING;
        vm.warp(exitAt - bound(early, 1, UNBONDING));
        _refused(abi.encodeWithSelector(INodeStaking.NodeStaking_StillUnbonding.selector, _node, exitAt));
    }

    function test_withdraw__without_leaving__refused() public {
        _refused(abi.encodeWithSelector(INodeStaking.NodeStaking_NotExiting.selector, _node));
        _exit();
        vm.warp(block.timestamp + UNBONDING);
        vm.prank(_node);
        staking.withdraw();
        _refused(abi.encodeWithSelector(INodeStaking.NodeStaking_NotExiting.selector, _node));
    }

    /// @param stage How far the job has come that binds the trainer: drawing, assigned, ended but not released.
    function testFuzz_rule6_withdraw__bound_by_a_job__refused_until_it_is_free(uint256 stage) public {
        stage = stage % 4;
        bytes32 jobId = stage == 0 ? drawingJob("job", 100, 2) : assignedJob("job", 100, 2);
        _exit();
        vm.warp(block.timestamp + 600);
        if (stage == 2) escrow.reclaim(jobId);
        if (stage == 3) settleByRoot(jobId, "root");
        _refused(abi.encodeWithSelector(INodeStaking.NodeStaking_StillAssigned.selector, _node, 1));
        if (stage < 2) escrow.reclaim(jobId);
        escrow.release(jobId, trainersOf[jobId], crewOf[jobId]);
        vm.prank(_node);
        staking.withdraw();
    }

    function test_rule6_withdraw__validator_of_a_running_job__refused() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        _node = crewOf[jobId].validators[1];
        _exit();
        vm.warp(block.timestamp + UNBONDING);
        _refused(abi.encodeWithSelector(INodeStaking.NodeStaking_StillAssigned.selector, _node, 1));
        fail(jobId, new address[](0));
        vm.prank(_node);
        staking.withdraw();
    }

    function test_rule6_withdraw__accused__refused_until_acquitted() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        _exit();
        fail(jobId, Lists.list(_node));
        vm.prank(_node);
        escrow.contest(jobId, "");
        vm.warp(block.timestamp + UNBONDING);
        bytes memory refusal = abi.encodeWithSelector(INodeStaking.NodeStaking_Frozen.selector, _node);
        _refused(refusal);
        vm.prank(arbiter);
        escrow.arbitrate(jobId, _node, false);
        vm.prank(_node);
        staking.withdraw();
    }

    function test_rule4_slash__while_leaving__nothing_left_to_withdraw() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        _exit();
        fail(jobId, Lists.list(_node));
        vm.warp(block.timestamp + UNBONDING);
        escrow.finalizeSlash(jobId);
        vm.assertEq(staking.totalUnbonding(), 0);
        vm.assertEq(staking.totalActive(), 7 * MIN_DEPOSIT);
        vm.assertEq(staking.node(_node).exitAt, 0);
        vm.assertEq(staking.credit(trainers[1]), MIN_DEPOSIT);
        _refused(abi.encodeWithSelector(INodeStaking.NodeStaking_NotExiting.selector, _node));
        vm.assertEq(address(staking).balance, 8 * MIN_DEPOSIT);
    }

    function test_withdraw__gone_and_back__name_and_key_can_be_used_again() public {
        _exit();
        vm.warp(block.timestamp + UNBONDING);
        vm.prank(_node);
        staking.withdraw();
        register(_node, 1);
        vm.assertTrue(staking.isAvailable(_node, 1));
        vm.assertEq(staking.node(_node).deposit, MIN_DEPOSIT);
        vm.assertEq(staking.totalActive(), 8 * MIN_DEPOSIT);
    }

    function _exit() private {
        vm.prank(_node);
        staking.requestExit();
    }

    function _refused(bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(_node);
        staking.withdraw();
    }
}
