// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {INodeStaking} from "../../../../contracts/interfaces/INodeStaking.sol";
import {NodeStaking} from "../../../../contracts/staking/NodeStaking.sol";
import {SlowRace} from "../libraries/SlowRace.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";

/// @dev weights, countValidators, draw, setBaseline; and the functions that only the escrow may call.
contract WeightsTest is Market {
    using Lists for address[];

    function setUp() public {
        deployMarket();
        staking.grantRole(staking.RATER_ROLE(), admin);
    }

    function testFuzz_rule5_weights__any_deposit_and_baseline__deposit_times_rating(
        uint80 more,
        uint16 baseline,
        uint256 which
    ) public {
        address node = validators[which % 4];
        baseline = uint16(bound(baseline, 0, 10_000));
        vm.deal(node, uint256(more) + 1);
        vm.prank(node);
        staking.topUp{value: uint256(more) + 1}();
        vm.expectEmit(address(staking));
        emit INodeStaking.BaselineChanged(node, baseline);
        staking.setBaseline(node, baseline);
        uint256 rating = (uint256(baseline) + 5_000) / 2;
        vm.assertEq(staking.node(node).rating, rating);
        (address[] memory who, uint256[] memory weights) = staking.weights(2, block.number + 1);
        vm.assertEq(who, staking.providers());
        for (uint256 i; i < who.length; ++i) {
            uint256 expected = validators.count(who[i]) == 0 ? 0 : MIN_DEPOSIT * 5_000;
            if (who[i] == node) expected = (MIN_DEPOSIT + more + 1) * rating;
            vm.assertEq(weights[i], expected);
        }
    }

    function test_rule5_weights__stake_touched_in_that_block_or_later__none() public {
        vm.roll(50);
        vm.prank(validators[0]);
        staking.topUp{value: 1}();
        vm.assertEq(_weightOf(validators[0], 50), 0);
        vm.assertEq(_weightOf(validators[0], 51), (MIN_DEPOSIT + 1) * 5_000);
        vm.assertEq(staking.countValidators(50), 3);
        vm.assertEq(staking.countValidators(51), 4);
        vm.assertEq(staking.countValidators(10), 0);
    }

    function test_weights__role_missing__none() public view {
        (, uint256[] memory weights) = staking.weights(1, block.number);
        address[] memory who = staking.providers();
        for (uint256 i; i < who.length; ++i) {
            vm.assertEq(weights[i], trainers.count(who[i]) == 1 ? MIN_DEPOSIT * 5_000 : 0);
        }
    }

    /// @dev Somebody frozen is not available for anything.
    function test_rule6_freeze__twice__counts_both_and_stops_new_work() public {
        _asEscrow();
        staking.freeze(Lists.list(validators[0]));
        _asEscrow();
        staking.freeze(Lists.list(validators[0], validators[1]));
        vm.assertEq(staking.node(validators[0]).frozen, 2);
        vm.assertEq(_weightOf(validators[0], block.number), 0);
        vm.assertEq(staking.countValidators(block.number), 2);
        _asEscrow();
        staking.unfreeze(validators[0]);
        vm.assertFalse(staking.isAvailable(validators[0], 2));
        _asEscrow();
        staking.unfreeze(validators[0]);
        vm.assertTrue(staking.isAvailable(validators[0], 2));
    }

    function testFuzz_rule5_draw__any_seed_and_count__the_race_without_barred(
        bytes32 seed,
        uint256 count,
        uint256 trainerMask,
        uint256 who
    ) public {
        for (uint256 i; i < 3; ++i) joinAs(3, i);
        vm.roll(block.number + 1);
        count = bound(count, 0, 8);
        address[] memory candidates = staking.providers();
        address[] memory working = _sorted(candidates.masked(trainerMask & 0x7f0, true));
        address payer = candidates[4 + (who % 7)];
        (address[] memory drawn, address[] memory keys) = staking.draw(
            seed,
            block.number,
            payer,
            working,
            count
        );
        vm.assertEq(drawn, _race(seed, payer, working, count));
        vm.assertEq(keys.length, drawn.length);
        for (uint256 i; i < keys.length; ++i) vm.assertEq(staking.providerOf(keys[i]), drawn[i]);
    }

    /* ---------------------------------------------- setBaseline -------------------------------------------- */

    function test_setBaseline__out_of_range__refused() public {
        staking.setBaseline(trainers[0], 10_000);
        vm.expectRevert(abi.encodeWithSelector(INodeStaking.NodeStaking_BadBaseline.selector, 10_001));
        staking.setBaseline(trainers[0], 10_001);
    }

    function test_setBaseline__nobody_registered__refused() public {
        vm.expectRevert(abi.encodeWithSelector(INodeStaking.NodeStaking_NotActive.selector, stranger));
        staking.setBaseline(stranger, 1);
    }

    function test_setBaseline__by_a_stranger__refused() public {
        bytes32 role = staking.RATER_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, stranger, role)
        );
        vm.prank(stranger);
        staking.setBaseline(trainers[0], 1);
    }

    function test_setBaseline__bad_benchmark__not_washed_off_by_leaving() public {
        staking.setBaseline(trainers[0], 100);
        vm.prank(trainers[0]);
        staking.requestExit();
        vm.warp(block.timestamp + UNBONDING);
        vm.prank(trainers[0]);
        staking.withdraw();
        register(trainers[0], 1);
        vm.assertEq(staking.node(trainers[0]).rating, 2_550);
    }

    /* ------------------------------------------------ the escrow ------------------------------------------- */

    function test_rule6_escrow_functions__by_anybody_else__refused() public {
        address[3] memory others = [admin, operator, trainers[0]];
        for (uint256 i; i < 3; ++i) {
            bytes memory refusal = abi.encodeWithSelector(
                INodeStaking.NodeStaking_NotTheEscrow.selector,
                others[i]
            );
            vm.expectRevert(refusal);
            vm.prank(others[i]);
            staking.freeze(trainers);
            vm.expectRevert(refusal);
            vm.prank(others[i]);
            staking.unfreeze(trainers[0]);
            vm.expectRevert(refusal);
            vm.prank(others[i]);
            staking.slash(trainers[0], Lists.list(others[i]));
        }
    }

    function test_slash__nobody_to_benefit__refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(INodeStaking.NodeStaking_NoBeneficiaries.selector, trainers[0])
        );
        _asEscrow();
        staking.slash(trainers[0], new address[](0));
    }

    function test_rule5_slash__not_accused__refused() public {
        bytes memory refusal = abi.encodeWithSelector(
            INodeStaking.NodeStaking_NotFrozen.selector,
            trainers[0]
        );
        vm.expectRevert(refusal);
        _asEscrow();
        staking.slash(trainers[0], Lists.list(trainers[1]));
        vm.expectRevert(refusal);
        _asEscrow();
        staking.unfreeze(trainers[0]);
    }

    function test_setEscrow__once_by_the_admin__and_never_again() public {
        NodeStaking fresh = new NodeStaking(admin, MIN_DEPOSIT, UNBONDING);
        vm.expectRevert(
            abi.encodeWithSelector(
                IAccessControl.AccessControlUnauthorizedAccount.selector,
                stranger,
                bytes32(0)
            )
        );
        vm.prank(stranger);
        fresh.setEscrow(stranger);
        vm.expectRevert(abi.encodeWithSelector(INodeStaking.NodeStaking_ZeroAddress.selector));
        fresh.setEscrow(address(0));
        vm.expectEmit(address(fresh));
        emit INodeStaking.EscrowSet(address(escrow));
        fresh.setEscrow(address(escrow));
        vm.expectRevert(
            abi.encodeWithSelector(INodeStaking.NodeStaking_EscrowAlreadySet.selector, address(escrow))
        );
        fresh.setEscrow(stranger);
    }

    function test_constructor__no_admin__refused() public {
        vm.expectRevert(abi.encodeWithSelector(INodeStaking.NodeStaking_ZeroAddress.selector));
        new NodeStaking(address(0), MIN_DEPOSIT, UNBONDING);
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _race(
        bytes32 seed,
        address payer,
        address[] memory working,
        uint256 count
    ) private view returns (address[] memory) {
        (address[] memory candidates, uint256[] memory weights) = staking.weights(2, block.number);
        bool[] memory barred = new bool[](candidates.length);
        for (uint256 i; i < barred.length; ++i) {
            barred[i] = candidates[i] == payer || working.count(candidates[i]) == 1;
        }
        return SlowRace.draw(seed, candidates, weights, barred, count);
    }

    function _asEscrow() private {
        vm.prank(address(escrow));
    }

    function _weightOf(address node, uint256 stakedBefore) private view returns (uint256 weight) {
        (address[] memory who, uint256[] memory weights) = staking.weights(2, stakedBefore);
        for (uint256 i; i < who.length; ++i) if (who[i] == node) weight = weights[i];
    }

    function _sorted(address[] memory list) private pure returns (address[] memory) {
        for (uint256 i = 1; i < list.length; ++i) {
            for (uint256 k = i; k > 0 && list[k - 1] > list[k]; --k) {
                (list[k - 1], list[k]) = (list[k], list[k - 1]);
            }
        }
        return list;
    }
}
