// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SettleVerdict} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";

/// @dev What verdicts show of a trainer, which weighs in later draws.
contract QualityTest is Market {
    using Lists for address[];

    function setUp() public {
        deployMarket();
    }

    function test_qualityOf__newcomers_and_strangers__half() public view {
        uint256[] memory quality = escrow.qualityOf(Lists.list(trainers[0], stranger));
        vm.assertTrue(quality[0] == 5_000 && quality[1] == 5_000);
    }

    function testFuzz_rule5_settle__any_accuracies__quality_moves_an_eighth_of_the_way(
        uint32[3] memory first,
        uint32[3] memory second
    ) public {
        uint256[] memory expected = new uint256[](3);
        for (uint256 i; i < 3; ++i) expected[i] = 5_000;
        _settle("first", first, expected);
        _settle("second", second, expected);
        vm.assertEq(escrow.qualityOf(trainers.first(3)), expected);
        for (uint256 i; i < 3; ++i) {
            vm.assertEq(staking.node(trainers[i]).rating, (5_000 + expected[i]) / 2);
        }
        vm.assertEq(escrow.qualityOf(Lists.list(trainers[3]))[0], 5_000);
        vm.assertEq(escrow.qualityOf(Lists.list(crewOf["first"].validators[0]))[0], 5_000);
    }

    /// @dev Quality, credit and open jobs share a word: none may spill into another.
    function testFuzz_settle__any_history__credit_and_open_jobs_stay_apart_from_quality(
        uint32[3] memory accuracies,
        uint256 fee,
        uint256 seed
    ) public {
        fee = bound(fee, 1, token.cap() / 2);
        bytes32 jobId = assignedJob("job", fee, 3);
        assignedJob("binding", fee, 2);
        uint256[] memory amounts = Lists.split(poolOf(fee), 3, seed);
        SettleVerdict memory v = settleVerdict(jobId, amounts);
        for (uint256 i; i < 3; ++i) v.scores[i] = _score(accuracies[i]);
        escrow.settle(v, crewOf[jobId], quorumSigns(jobId, escrow.hashSettle(v)));
        uint256[] memory quality = escrow.qualityOf(trainers.first(3));
        for (uint256 i; i < 3; ++i) {
            vm.assertEq(escrow.credit(trainers[i]), amounts[i]);
            vm.assertEq(escrow.openJobs(trainers[i]), i < 2 ? 1 : 0);
            if (amounts[i] == 0) continue;
            escrow.withdrawFor(trainers[i]);
            vm.assertEq(escrow.credit(trainers[i]), 0);
            vm.assertEq(token.balanceOf(trainers[i]), amounts[i]);
        }
        vm.assertEq(escrow.qualityOf(trainers.first(3)), quality);
    }

    function test_settle__always_best__quality_nears_the_top_and_never_passes_it() public {
        uint256 before = 5_000;
        for (uint256 i; i < 40; ++i) {
            bytes32 jobId = assignedJob(bytes32(i), 100, 1);
            settle(jobId, Lists.split(98, 1, 0));
            uint256 quality = escrow.qualityOf(trainers.first(1))[0];
            vm.assertTrue(quality >= before && quality <= 10_000);
            before = quality;
        }
        vm.assertGe(before, 9_900);
    }

    function test_settle__node_left_and_came_back__quality_is_kept() public {
        bytes32 jobId = assignedJob("job", 100, 1);
        settle(jobId, Lists.split(98, 1, 0));
        vm.prank(trainers[0]);
        staking.requestExit();
        vm.warp(block.timestamp + UNBONDING);
        vm.prank(trainers[0]);
        staking.withdraw();
        register(trainers[0], 1);
        vm.assertEq(escrow.qualityOf(trainers.first(1))[0], 5_625);
        vm.assertEq(staking.node(trainers[0]).rating, 5_312);
    }

    function _settle(bytes32 ref, uint32[3] memory accuracies, uint256[] memory expected) private {
        bytes32 jobId = assignedJob(ref, 100, 3);
        SettleVerdict memory v = settleVerdict(jobId, Lists.split(98, 3, 0));
        uint256 best;
        for (uint256 i; i < 3; ++i) {
            v.scores[i] = _score(accuracies[i]);
            if (accuracies[i] > best) best = accuracies[i];
        }
        escrow.settle(v, crewOf[jobId], quorumSigns(jobId, escrow.hashSettle(v)));
        for (uint256 i; i < 3; ++i) {
            uint256 showed = best == 0 ? 0 : (10_000 * uint256(accuracies[i])) / best;
            expected[i] = (expected[i] * 7 + showed) / 8;
        }
        crewOf[ref] = crewOf[jobId];
    }

    /// @dev An accuracy above whatever else the word says.
    function _score(uint32 accuracy) private pure returns (bytes32) {
        return bytes32((uint256(accuracy) << 224) | (uint256(keccak256(abi.encode(accuracy))) >> 32));
    }
}
