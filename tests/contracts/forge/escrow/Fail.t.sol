// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Accusation, FailVerdict, IJobEscrow, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {INodeStaking} from "../../../../contracts/interfaces/INodeStaking.sol";
import {Ascending} from "../../../../contracts/libraries/Ascending.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";

/// @dev fail: rule 4, the customer's side of it, and who may be named.
contract FailTest is Market {
    using Lists for address[];

    function setUp() public {
        deployMarket();
    }

    function testFuzz_rule4_fail__any_fee_and_culprits__full_refund(
        uint256 fee,
        uint256 n,
        uint256 mask
    ) public {
        fee = bound(fee, 1, token.cap());
        n = bound(n, 1, 4);
        bytes32 jobId = assignedJob("job", fee, n);
        address[] memory culprits = trainers.first(n).masked(mask, true);
        fail(jobId, culprits);

        requireStatus(jobId, Status.Failed);
        vm.assertEq(escrow.credit(customer), fee);
        vm.assertEq(escrow.totalCredits(), fee);
        vm.assertEq(escrow.openFees(), 0);
        vm.assertEq(escrow.credit(treasury), 0);
        vm.assertEq(escrow.culprits(jobId), culprits);
        vm.assertEq(
            escrow.honest(jobId),
            culprits.length == 0 ? culprits : trainers.first(n).masked(mask, false)
        );
        vm.assertEq(escrow.slashReadyAt(jobId), culprits.length == 0 ? 0 : block.timestamp + CONTEST);
        for (uint256 i; i < n; ++i) {
            bool named = culprits.count(trainers[i]) == 1;
            Accusation expected = named ? Accusation.Named : Accusation.None;
            vm.assertTrue(escrow.accusation(jobId, trainers[i]) == expected);
            vm.assertEq(staking.node(trainers[i]).frozen, named ? 1 : 0);
            vm.assertEq(escrow.openJobs(trainers[i]), 0);
        }
        for (uint256 i; i < 4; ++i) vm.assertEq(escrow.openJobs(validators[i]), 0);
        vm.assertTrue(escrow.job(jobId).released);
        vm.assertEq(escrow.job(jobId).commitment, 0);
    }

    function test_rule5_fail__culprit_who_is_no_trainer__refused() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        address[4] memory others = [trainers[2], crewOf[jobId].validators[0], stranger, address(1)];
        for (uint256 i; i < others.length; ++i) {
            _refused(
                jobId,
                Lists.list(others[i]),
                abi.encodeWithSelector(Ascending.Ascending_Unknown.selector, others[i])
            );
        }
        _refused(
            jobId,
            Lists.list(trainers[0], trainers[2]),
            abi.encodeWithSelector(Ascending.Ascending_Unknown.selector, trainers[2])
        );
    }

    function test_rule4_fail__somebody_named_twice__refused() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        _refused(
            jobId,
            Lists.list(trainers[0], trainers[0]),
            abi.encodeWithSelector(Ascending.Ascending_NotAscending.selector, trainers[0], trainers[0])
        );
    }

    function test_fail__other_trainers_shown__refused() public {
        bytes32 jobId = assignedJob("job", 100, 3);
        trainersOf[jobId] = trainers.first(2);
        _refused(
            jobId,
            Lists.list(trainers[0]),
            abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongCrew.selector, jobId)
        );
    }

    function test_rule2_fail__after_the_end__refused() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        fail(jobId, Lists.list(trainers[0]));
        bytes memory refusal = abi.encodeWithSelector(
            IJobEscrow.JobEscrow_WrongStatus.selector,
            jobId,
            Status.Failed
        );
        _refused(jobId, Lists.list(trainers[0]), refusal);
        vm.assertEq(escrow.credit(customer), 100);
    }

    function test_fail__by_a_stranger_after_the_deadline_in_a_pause__still_refunds() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        passDeadline(jobId);
        escrow.pause();
        FailVerdict memory v = failVerdict(jobId, new address[](0));
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashFail(v));
        vm.prank(stranger);
        escrow.fail(v, trainersOf[jobId], crewOf[jobId], signatures);
        vm.assertEq(escrow.credit(customer), 100);
    }

    function test_rule8_fail__events__name_everybody() public {
        bytes32 jobId = assignedJob("job", 100, 3);
        FailVerdict memory v = failVerdict(jobId, Lists.list(trainers[1]));
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashFail(v));
        vm.expectEmit(address(escrow));
        emit IJobEscrow.JobFailed(
            jobId,
            EVIDENCE,
            v.culprits,
            Lists.list(trainers[0], trainers[2]),
            100,
            signatures
        );
        vm.expectEmit(address(staking));
        emit INodeStaking.NodeFrozen(trainers[1]);
        escrow.fail(v, trainersOf[jobId], crewOf[jobId], signatures);
    }

    function _refused(bytes32 jobId, address[] memory culprits, bytes memory refusal) private {
        FailVerdict memory v = failVerdict(jobId, culprits);
        bytes[] memory signatures = quorumSigns(jobId, escrow.hashFail(v));
        vm.expectRevert(refusal);
        escrow.fail(v, trainersOf[jobId], crewOf[jobId], signatures);
    }
}
