// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Crew, IJobEscrow, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {Log} from "../ForgeBase.sol";
import {SlowRace} from "../libraries/SlowRace.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";

/// @dev draw, reseed: who will judge (rule 5).
contract DrawTest is Market {
    using Lists for address[];

    bytes32 private _job;
    uint256 private _seedBlock;

    function setUp() public {
        deployMarket();
        staking.grantRole(staking.RATER_ROLE(), admin);
        _job = drawingJob("job", 1 ether, 2);
        _seedBlock = escrow.job(_job).seedBlock;
    }

    /// @dev The draw again from what anybody can read: block hash, deposits and ratings.
    function testFuzz_rule5_draw__any_block_hash__the_validators_that_the_race_names(
        bytes32 blockHash,
        uint256 mix
    ) public {
        vm.assume(blockHash != 0);
        address both = joinAs(3, 0);
        address[] memory who = Lists.joined(validators, Lists.list(both));
        uint256[] memory weights = new uint256[](5);
        for (uint256 i; i < 5; ++i) {
            uint256 more = uint256(keccak256(abi.encode(mix, i))) >> 192;
            uint32 baseline = uint32(bound(mix >> (16 * i), 0, 10_000));
            vm.prank(who[i]);
            staking.topUp{value: more + 1}();
            staking.setBaseline(who[i], baseline);
            weights[i] = (MIN_DEPOSIT + more + 1) * ((baseline + 5_000) / 2);
        }
        vm.roll(_seedBlock + 1);
        vm.setBlockhash(_seedBlock, blockHash);
        bytes32 seed = keccak256(abi.encode(blockHash, _job));
        address[] memory expected = SlowRace.draw(seed, who, weights, new bool[](5), 3);
        address[] memory keys = new address[](expected.length);
        for (uint256 i; i < keys.length; ++i) keys[i] = vm.addr(keyOf(expected[i]));

        vm.expectEmit(address(escrow));
        emit IJobEscrow.JobAssigned(_job, trainersOf[_job], expected, keys, seed);
        vm.prank(stranger);
        escrow.draw(_job, trainersOf[_job]);

        requireStatus(_job, Status.Assigned);
        bytes32 commitment = escrow.crewHash(hashOf(trainersOf[_job]), Crew(expected, keys));
        vm.assertEq(escrow.job(_job).commitment, commitment);
        for (uint256 i; i < 5; ++i) vm.assertEq(escrow.openJobs(who[i]), expected.count(who[i]));
    }

    /// @dev The documented form of what the escrow keeps instead of lists.
    function test_draw__commitment__is_the_hash_of_three_hashes() public {
        drawJob(_job);
        Crew memory crew = crewOf[_job];
        bytes32 expected = keccak256(
            abi.encode(hashOf(trainersOf[_job]), hashOf(crew.validators), hashOf(crew.keys))
        );
        vm.assertEq(escrow.job(_job).commitment, expected);
    }

    function test_rule5_draw__same_block_other_job__other_seed() public {
        bytes32 other = drawingJob("other", 1, 2);
        vm.assertEq(escrow.job(other).seedBlock, _seedBlock);
        vm.roll(_seedBlock + 1);
        vm.assertTrue(_seedOf(_job) != _seedOf(other));
    }

    function test_rule5_draw__everybody_both__neither_trainers_nor_customer_judge() public {
        address[] memory both = new address[](5);
        for (uint256 i; i < 5; ++i) both[i] = joinAs(3, i);
        for (uint256 i; i < 4; ++i) {
            vm.prank(validators[i]);
            staking.requestExit();
        }
        vm.roll(block.number + 1);
        fund(both[0], 1 ether);
        for (uint256 k; k < 12; ++k) {
            vm.prank(both[0]);
            token.approve(address(escrow), 1);
            vm.prank(both[0]);
            escrow.openJob(bytes32(k), 0, 0, 1, uint64(block.timestamp + 600));
            bytes32 jobId = escrow.jobIdOf(both[0], bytes32(k));
            assignJob(jobId, Lists.list(both[(k % 4) + 1]));
            drawJob(jobId);
            address[] memory drawn = crewOf[jobId].validators;
            vm.assertEq(drawn.length, 3);
            vm.assertEq(drawn.count(both[0]) + drawn.count(both[(k % 4) + 1]), 0);
        }
    }

    function test_draw__only_two_left__two_judge() public {
        _leave(0, 2);
        drawJob(_job);
        vm.assertEq(crewOf[_job].validators.length, 2);
    }

    function test_draw__only_one_left__refused() public {
        _leave(0, 3);
        vm.roll(_seedBlock + 1);
        _refused(abi.encodeWithSelector(IJobEscrow.JobEscrow_NotEnoughValidators.selector, 1, 2));
    }

    function test_rule5_draw__staked_in_the_seeds_block_or_later__does_not_count() public {
        _leave(0, 3);
        vm.roll(_seedBlock);
        joinAs(2, 10);
        vm.roll(_seedBlock + 1);
        joinAs(2, 11);
        vm.assertEq(staking.countValidators(_seedBlock), 1);
        _refused(abi.encodeWithSelector(IJobEscrow.JobEscrow_NotEnoughValidators.selector, 1, 2));
    }

    function test_rule5_draw__topped_up_once_the_seed_is_known__sits_out() public {
        vm.roll(_seedBlock + 1);
        vm.prank(validators[0]);
        staking.topUp{value: 9000 ether}();
        drawJob(_job);
        vm.assertEq(crewOf[_job].validators.count(validators[0]), 0);
    }

    function test_draw__frozen_validator__sits_out() public {
        address[] memory both = new address[](2);
        for (uint256 i; i < 2; ++i) both[i] = joinAs(3, i);
        vm.roll(block.number + 1);
        bytes32 other = openJob("other", 1, 600);
        assignJob(other, both);
        drawJob(other);
        fail(other, Lists.list(both[0]));
        _leave(0, 4);
        _job = drawingJob("third", 1, 1);
        vm.roll(block.number + 3);
        _refused(abi.encodeWithSelector(IJobEscrow.JobEscrow_NotEnoughValidators.selector, 1, 2));
    }

    function test_draw__seed_not_mined__refused() public {
        bytes memory refusal = abi.encodeWithSelector(
            IJobEscrow.JobEscrow_SeedNotReady.selector,
            _job,
            uint48(_seedBlock)
        );
        for (uint256 number = block.number; number <= _seedBlock; ++number) {
            vm.roll(number);
            _refused(refusal);
        }
        vm.roll(_seedBlock + 1);
        escrow.draw(_job, trainersOf[_job]);
    }

    function test_draw__hash_out_of_reach__refused() public {
        vm.roll(_seedBlock + 257);
        _refused(abi.encodeWithSelector(IJobEscrow.JobEscrow_SeedExpired.selector, _job, uint48(_seedBlock)));
        vm.roll(_seedBlock + 256);
        escrow.draw(_job, trainersOf[_job]);
    }

    function test_draw__deadline_passed__refused() public {
        vm.roll(_seedBlock + 1);
        passDeadline(_job);
        _refused(
            abi.encodeWithSelector(
                IJobEscrow.JobEscrow_DeadlinePassed.selector,
                _job,
                uint48(block.timestamp)
            )
        );
    }

    function test_rule5_draw__other_trainers_than_assigned__refused() public {
        vm.roll(_seedBlock + 1);
        trainersOf[_job] = trainers.first(3);
        _refused(abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongCrew.selector, _job));
    }

    function test_draw__twice__refused() public {
        drawJob(_job);
        _refused(abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongStatus.selector, _job, Status.Assigned));
    }

    /* ------------------------------------------------ reseed ----------------------------------------------- */

    function test_rule5_reseed__good_seed__kept() public {
        bytes memory refusal = abi.encodeWithSelector(
            IJobEscrow.JobEscrow_SeedStillGood.selector,
            _job,
            uint48(_seedBlock)
        );
        vm.roll(_seedBlock + 1);
        vm.expectRevert(refusal);
        escrow.reseed(_job);
        vm.roll(_seedBlock + 256);
        vm.expectRevert(refusal);
        escrow.reseed(_job);
    }

    function test_reseed__seed_expired__a_later_one() public {
        vm.roll(_seedBlock + 257);
        vm.expectEmit(address(escrow));
        emit IJobEscrow.JobReseeded(_job, uint48(block.number + 2));
        vm.prank(stranger);
        escrow.reseed(_job);
        vm.assertEq(escrow.job(_job).seedBlock, block.number + 2);
        drawJob(_job);
        requireStatus(_job, Status.Assigned);
    }

    function test_reseed__too_few_had_staked__newcomers_get_their_chance() public {
        _leave(0, 3);
        vm.roll(_seedBlock + 1);
        joinAs(2, 10);
        escrow.reseed(_job);
        drawJob(_job);
        vm.assertEq(crewOf[_job].validators.length, 2);
    }

    function test_reseed__seed_not_mined__refused() public {
        vm.roll(_seedBlock);
        vm.expectRevert(
            abi.encodeWithSelector(IJobEscrow.JobEscrow_SeedNotReady.selector, _job, uint48(_seedBlock))
        );
        escrow.reseed(_job);
    }

    function test_reseed__after_the_draw__refused() public {
        drawJob(_job);
        vm.roll(_seedBlock + 300);
        vm.expectRevert(
            abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongStatus.selector, _job, Status.Assigned)
        );
        escrow.reseed(_job);
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _leave(uint256 from, uint256 to) private {
        for (uint256 i = from; i < to; ++i) {
            vm.prank(validators[i]);
            staking.requestExit();
        }
    }

    function _seedOf(bytes32 jobId) private returns (bytes32 seed) {
        vm.recordLogs();
        escrow.draw(jobId, trainersOf[jobId]);
        Log memory drawn = theLog(vm.getRecordedLogs(), IJobEscrow.JobAssigned.selector);
        (, , , seed) = abi.decode(drawn.data, (address[], address[], address[], bytes32));
    }

    function _refused(bytes memory refusal) private {
        vm.expectRevert(refusal);
        escrow.draw(_job, trainersOf[_job]);
    }
}
