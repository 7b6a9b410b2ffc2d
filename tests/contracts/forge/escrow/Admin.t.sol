// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IAccessControl} from "@openzeppelin/contracts/access/IAccessControl.sol";

import {JobEscrow} from "../../../../contracts/escrow/JobEscrow.sol";
import {IJobEscrow, Status} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {IDMLToken} from "../../../../contracts/interfaces/IDMLToken.sol";
import {INodeStaking} from "../../../../contracts/interfaces/INodeStaking.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";

/// @dev The constructor, setCommission, pause; and what the powerful cannot do.
contract AdminTest is Market {
    using Lists for address[];

    function setUp() public {
        deployMarket();
    }

    function test_constructor__as_deployed__everything_in_place() public view {
        vm.assertEq(address(escrow.token()), address(token));
        vm.assertEq(address(escrow.staking()), address(staking));
        vm.assertEq(escrow.treasury(), treasury);
        vm.assertEq(escrow.contestWindow(), CONTEST);
        vm.assertEq(escrow.commissionBps(), COMMISSION);
        vm.assertTrue(escrow.hasRole(escrow.DEFAULT_ADMIN_ROLE(), admin));
        vm.assertTrue(escrow.hasRole(escrow.OPERATOR_ROLE(), operator));
        vm.assertTrue(escrow.hasRole(escrow.ARBITER_ROLE(), arbiter));
        vm.assertFalse(escrow.hasRole(escrow.DEFAULT_ADMIN_ROLE(), operator));
        vm.assertEq(staking.escrow(), address(escrow));
        vm.assertEq(staking.minDeposit(), MIN_DEPOSIT);
        vm.assertEq(staking.unbondingPeriod(), UNBONDING);
    }

    function test_constructor__something_missing__refused() public {
        bytes memory refusal = abi.encodeWithSelector(IJobEscrow.JobEscrow_ZeroAddress.selector);
        vm.expectRevert(refusal);
        new JobEscrow(IDMLToken(address(0)), staking, admin, operator, arbiter, treasury, 0, 1);
        vm.expectRevert(refusal);
        new JobEscrow(token, INodeStaking(address(0)), admin, operator, arbiter, treasury, 0, 1);
        vm.expectRevert(refusal);
        new JobEscrow(token, staking, admin, operator, arbiter, address(0), 0, 1);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_CommissionTooHigh.selector, 501, 500));
        new JobEscrow(token, staking, admin, operator, arbiter, treasury, 501, 1);
    }

    function testFuzz_rule3_setCommission__any__never_above_five_percent(uint16 bps) public {
        if (bps > 500) {
            vm.expectRevert(
                abi.encodeWithSelector(IJobEscrow.JobEscrow_CommissionTooHigh.selector, bps, 500)
            );
        } else {
            vm.expectEmit(address(escrow));
            emit IJobEscrow.CommissionChanged(bps);
        }
        escrow.setCommission(bps);
        vm.assertEq(escrow.commissionBps(), bps > 500 ? COMMISSION : bps);
    }

    function test_admin_functions__by_anybody_else__refused() public {
        address[4] memory others = [operator, arbiter, treasury, customer];
        for (uint256 i; i < others.length; ++i) {
            bytes memory refusal = _missing(others[i], 0);
            vm.expectRevert(refusal);
            vm.prank(others[i]);
            escrow.setCommission(0);
            vm.expectRevert(refusal);
            vm.prank(others[i]);
            escrow.pause();
        }
        escrow.pause();
        vm.expectRevert(_missing(operator, 0));
        vm.prank(operator);
        escrow.unpause();
        escrow.unpause();
        vm.assertFalse(escrow.paused());
    }

    /// @dev A pause stops new jobs and nothing else.
    function test_rule2_pause__existing_jobs__go_on_to_their_end() public {
        bytes32 settled = openJob("settled", 100, 600);
        bytes32 cancelled = openJob("cancelled", 100, 600);
        bytes32 reclaimed = openJob("reclaimed", 100, 600);
        bytes32 failed = openJob("failed", 100, 600);
        escrow.pause();
        assignJob(settled, trainers.first(2));
        drawJob(settled);
        settle(settled, Lists.split(98, 2, 0));
        assignJob(failed, trainers.first(2));
        drawJob(failed);
        fail(failed, Lists.list(trainers[0]));
        vm.prank(customer);
        escrow.cancel(cancelled);
        passDeadline(reclaimed);
        escrow.reclaim(reclaimed);
        escrow.finalizeSlash(failed);
        escrow.withdrawFor(customer);
        escrow.withdrawFor(trainers[1]);
        staking.withdrawCreditFor(trainers[1]);
        vm.prank(trainers[2]);
        staking.requestExit();
        vm.warp(block.timestamp + UNBONDING);
        vm.prank(trainers[2]);
        staking.withdraw();
    }

    /// @dev Issue: an operator's key in the wrong hands takes no fee, no deposit, and mints nothing.
    function test_rule5_operator__key_stolen__takes_nothing() public {
        bytes32 jobId = assignedJob("job", 100, 2);
        bytes32 open = openJob("open", 100, 600);
        bytes[] memory own = new bytes[](2);
        (own[0], own[1]) = (signs(0xA11, "x"), signs(0xA11, "x"));
        bytes[15] memory attempts = [
            abi.encodeCall(escrow.settle, (settleVerdict(jobId, Lists.split(98, 2, 0)), crewOf[jobId], own)),
            abi.encodeCall(
                escrow.fail,
                (failVerdict(jobId, new address[](0)), trainersOf[jobId], crewOf[jobId], own)
            ),
            abi.encodeCall(escrow.cancel, (jobId)),
            abi.encodeCall(escrow.reclaim, (jobId)),
            abi.encodeCall(escrow.reclaim, (open)),
            abi.encodeCall(escrow.release, (jobId, trainersOf[jobId], crewOf[jobId])),
            abi.encodeCall(escrow.finalizeSlash, (jobId)),
            abi.encodeCall(escrow.arbitrate, (jobId, trainers[0], true)),
            abi.encodeCall(escrow.contest, (jobId, "")),
            abi.encodeCall(escrow.withdraw, ()),
            abi.encodeCall(escrow.setCommission, (500)),
            abi.encodeCall(escrow.pause, ()),
            abi.encodeCall(escrow.grantRole, (escrow.ARBITER_ROLE(), operator)),
            abi.encodeCall(escrow.draw, (jobId, trainersOf[jobId])),
            abi.encodeCall(escrow.assign, (jobId, trainers.first(1)))
        ];
        for (uint256 i; i < attempts.length; ++i) _fails(address(escrow), attempts[i]);
        _fails(address(token), abi.encodeCall(token.mint, (operator, 1)));
        _fails(address(token), abi.encodeCall(token.transferFrom, (address(escrow), operator, 1)));
        address[] memory some = trainers.first(1);
        _fails(address(staking), abi.encodeCall(staking.slash, (trainers[0], Lists.list(operator))));
        _fails(address(staking), abi.encodeCall(staking.freeze, (some)));
        _fails(address(staking), abi.encodeCall(staking.unfreeze, (trainers[0])));
        _fails(address(staking), abi.encodeCall(staking.setBaseline, (trainers[0], 0)));
        _fails(address(staking), abi.encodeCall(staking.setEscrow, (operator)));
        _fails(address(staking), abi.encodeCall(staking.withdraw, ()));
        // What it can do, cancel what is not drawn, pays the customer.
        vm.prank(operator);
        escrow.cancel(open);
        vm.assertEq(escrow.credit(customer), 100);
        vm.assertEq(token.balanceOf(operator), 0);
        requireStatus(jobId, Status.Assigned);
    }

    function test_rule6_admin__cannot_exchange_the_escrow_or_touch_deposits() public {
        vm.expectRevert(
            abi.encodeWithSelector(INodeStaking.NodeStaking_EscrowAlreadySet.selector, address(escrow))
        );
        staking.setEscrow(admin);
        bytes memory refusal = abi.encodeWithSelector(INodeStaking.NodeStaking_NotTheEscrow.selector, admin);
        vm.expectRevert(refusal);
        staking.slash(trainers[0], Lists.list(admin));
        vm.expectRevert(refusal);
        staking.freeze(trainers);
        vm.expectRevert(refusal);
        staking.unfreeze(trainers[0]);
    }

    function _fails(address target, bytes memory call) private {
        vm.prank(operator);
        // solhint-disable-next-line avoid-low-level-calls
        (bool ok, ) = target.call(call);
        vm.assertFalse(ok);
    }

    function _missing(address account, bytes32 role) private pure returns (bytes memory) {
        return
            abi.encodeWithSelector(IAccessControl.AccessControlUnauthorizedAccount.selector, account, role);
    }
}
