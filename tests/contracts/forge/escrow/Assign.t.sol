// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {IJobEscrow, Job, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {INodeStaking} from "../../../../contracts/interfaces/INodeStaking.sol";
import {Ascending} from "../../../../contracts/libraries/Ascending.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";

/// @dev assign, recordRound: what the operator does.
contract AssignTest is Market {
    using Lists for address[];

    bytes32 private _job;

    function setUp() public {
        deployMarket();
        _job = openJob("job", 1 ether, 600);
    }

    function test_assign__available_trainers__bound_and_committed() public {
        address[] memory chosen = trainers.first(3);
        vm.expectEmit(address(escrow));
        emit IJobEscrow.TrainersChosen(_job, chosen, uint48(block.number + 2));
        assignJob(_job, chosen);

        Job memory j = escrow.job(_job);
        requireStatus(_job, Status.Drawing);
        vm.assertEq(j.seedBlock, block.number + 2);
        vm.assertEq(j.commitment, escrow.crewHash(hashOf(chosen), noCrew));
        for (uint256 i; i < 4; ++i) vm.assertEq(escrow.openJobs(trainers[i]), i < 3 ? 1 : 0);
    }

    function test_assign__two_jobs__count_both() public {
        assignJob(_job, trainers.first(2));
        assignJob(openJob("other", 1, 600), trainers.first(1));
        vm.assertEq(escrow.openJobs(trainers[0]), 2);
        vm.assertEq(escrow.openJobs(trainers[1]), 1);
    }

    function test_assign__by_anybody_but_the_operator__refused() public {
        address[4] memory others = [admin, customer, arbiter, trainers[0]];
        address[] memory chosen = trainers.first(1);
        bytes32 role = escrow.OPERATOR_ROLE();
        for (uint256 i; i < others.length; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(
                    IAccessControl.AccessControlUnauthorizedAccount.selector,
                    others[i],
                    role
                )
            );
            vm.prank(others[i]);
            escrow.assign(_job, chosen);
        }
    }

    function test_assign__no_such_job__refused() public {
        _refused(
            "nothing",
            trainers.first(1),
            abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongStatus.selector, bytes32("nothing"), Status.None)
        );
    }

    function test_assign__twice__refused() public {
        assignJob(_job, trainers.first(1));
        _refused(
            _job,
            trainers.first(2),
            abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongStatus.selector, _job, Status.Drawing)
        );
    }

    function test_assign__deadline_passed__refused() public {
        passDeadline(_job);
        _refused(
            _job,
            trainers.first(1),
            abi.encodeWithSelector(
                IJobEscrow.JobEscrow_DeadlinePassed.selector,
                _job,
                uint48(block.timestamp)
            )
        );
        vm.warp(block.timestamp - 1);
        assignJob(_job, trainers.first(1));
    }

    function test_assign__nobody__refused() public {
        _refused(
            _job,
            new address[](0),
            abi.encodeWithSelector(IJobEscrow.JobEscrow_BadTrainerCount.selector, 0, 512)
        );
    }

    function test_assign__up_to_512_trainers__taken_and_not_one_more() public {
        address[] memory many = new address[](512);
        for (uint256 i; i < 512; ++i) many[i] = i < 4 ? trainers[i] : joinAs(1, i);
        address[] memory more = new address[](513);
        for (uint256 i; i < 512; ++i) more[i] = many[i];
        more[512] = joinAs(1, 512);
        _refused(_job, more, abi.encodeWithSelector(IJobEscrow.JobEscrow_BadTrainerCount.selector, 513, 512));
        assignJob(_job, many);
    }

    function test_assign__out_of_order__refused() public {
        _refused(
            _job,
            Lists.list(trainers[1], trainers[0]),
            abi.encodeWithSelector(Ascending.Ascending_NotAscending.selector, trainers[1], trainers[0])
        );
    }

    function test_assign__somebody_twice__refused() public {
        _refused(
            _job,
            Lists.list(trainers[1], trainers[1]),
            abi.encodeWithSelector(Ascending.Ascending_NotAscending.selector, trainers[1], trainers[1])
        );
    }

    function test_assign__a_validator__refused() public {
        _unavailable(validators[0]);
    }

    function test_assign__somebody_unknown__refused() public {
        _unavailable(address(0x999999));
    }

    function test_assign__somebody_leaving__refused() public {
        vm.prank(trainers[3]);
        staking.requestExit();
        _unavailable(trainers[3]);
    }

    function test_assign__somebody_accused__refused() public {
        bytes32 other = assignedJob("other", 1, 4);
        fail(other, Lists.list(trainers[3]));
        _unavailable(trainers[3]);
    }

    /* --------------------------------------------- recordRound --------------------------------------------- */

    function test_rule8_recordRound__each_round__an_event_in_order() public {
        bytes32 jobId = assignedJob("rounds", 1, 2);
        for (uint32 round; round < 3; ++round) {
            vm.expectEmit(address(escrow));
            emit IJobEscrow.RoundRecorded(jobId, 2 * round, keccak256(abi.encode(round)));
            vm.prank(operator);
            escrow.recordRound(jobId, 2 * round, keccak256(abi.encode(round)));
            vm.assertEq(escrow.job(jobId).nextRound, 2 * round + 1);
        }
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_RoundOutOfOrder.selector, jobId, 4, 5));
        vm.prank(operator);
        escrow.recordRound(jobId, 4, "rewritten");
    }

    function test_recordRound__job_not_assigned__refused() public {
        assignJob(_job, trainers.first(1));
        vm.expectRevert(
            abi.encodeWithSelector(IJobEscrow.JobEscrow_WrongStatus.selector, _job, Status.Drawing)
        );
        vm.prank(operator);
        escrow.recordRound(_job, 0, "root");
    }

    function test_recordRound__by_a_stranger__refused() public {
        bytes32 jobId = assignedJob("rounds", 1, 2);
        bytes32 role = escrow.OPERATOR_ROLE();
        vm.expectRevert(
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, stranger, role)
        );
        vm.prank(stranger);
        escrow.recordRound(jobId, 0, "root");
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _unavailable(address node) private {
        _refused(
            _job,
            Lists.list(node),
            abi.encodeWithSelector(INodeStaking.NodeStaking_Unavailable.selector, node, 1)
        );
    }

    function _refused(bytes32 jobId, address[] memory chosen, bytes memory refusal) private {
        vm.expectRevert(refusal);
        vm.prank(operator);
        escrow.assign(jobId, chosen);
    }
}
