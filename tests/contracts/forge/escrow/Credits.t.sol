// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IJobEscrow} from "../../../../contracts/interfaces/IJobEscrow.sol";
import {INodeStaking} from "../../../../contracts/interfaces/INodeStaking.sol";
import {Lists} from "../Lists.sol";
import {Market} from "../Market.sol";
import {HostileProvider} from "./HostileProvider.sol";

/// @dev withdraw, withdrawFor, withdrawCredit, withdrawCreditFor: payments are pulled, so nobody blocks anybody (rule 7).
contract CreditsTest is Market {
    using Lists for address[];

    HostileProvider private _hostile;

    function setUp() public {
        deployMarket();
        _hostile = new HostileProvider(staking);
        vm.deal(address(_hostile), 1 ether);
        register(address(_hostile), 1);
        vm.roll(block.number + 1);
    }

    /* -------------------------------------------------- tokens -------------------------------------------- */

    function testFuzz_rule1_withdraw__any_credit__all_of_it_once(uint256 fee, bool alone) public {
        fee = bound(fee, 1, token.cap());
        _refunded("job", fee);
        vm.expectEmit(address(escrow));
        emit IJobEscrow.Withdrawn(customer, fee);
        vm.prank(alone ? customer : stranger);
        if (alone) escrow.withdraw();
        else escrow.withdrawFor(customer);
        vm.assertEq(token.balanceOf(customer), fee);
        vm.assertEq(token.balanceOf(stranger), 0);
        vm.assertEq(escrow.credit(customer), 0);
        vm.assertEq(escrow.totalCredits(), 0);
        vm.expectRevert(abi.encodeWithSelector(IJobEscrow.JobEscrow_NothingToWithdraw.selector, customer));
        escrow.withdrawFor(customer);
    }

    function test_rule1_withdraw__others_money_in_the_escrow__stays() public {
        openJob("open", 1_000, 600);
        bytes32 jobId = assignedJob("job", 100, 2);
        settle(jobId, Lists.split(98, 2, 1));
        uint256 mine = escrow.credit(trainers[0]);
        escrow.withdrawFor(trainers[0]);
        vm.assertEq(token.balanceOf(trainers[0]), mine);
        vm.assertEq(token.balanceOf(address(escrow)), 1_100 - mine);
        vm.assertEq(escrow.totalCredits(), 100 - mine);
        vm.assertEq(escrow.openFees(), 1_000);
    }

    function test_withdraw__node_at_work__stays_bound() public {
        bytes32 jobId = assignedJob("job", 100, 1);
        assignedJob("other", 100, 1);
        settle(jobId, Lists.split(98, 1, 0));
        vm.prank(trainers[0]);
        escrow.withdraw();
        vm.assertEq(escrow.openJobs(trainers[0]), 1);
    }

    function test_rule7_withdraw__paused__still_pays() public {
        _refunded("job", 100);
        escrow.pause();
        escrow.withdrawFor(customer);
        vm.assertEq(token.balanceOf(customer), 100);
    }

    function test_rule7_settle__payee_that_refuses_everything__blocks_nobody() public {
        _hostile.answerBy(HostileProvider.Answer.Refuse, address(0));
        bytes32 jobId = openJob("job", 100, 600);
        assignJob(jobId, _withHostile());
        drawJob(jobId);
        settle(jobId, Lists.split(98, 2, 3));
        vm.assertEq(escrow.totalCredits(), 100);
        escrow.withdrawFor(trainers[0]);
        escrow.withdrawFor(treasury);
        // Tokens do not ask their receiver.
        escrow.withdrawFor(address(_hostile));
        vm.assertEq(token.balanceOf(address(escrow)), 0);
    }

    function test_rule1_tokens_sent_unasked__change_no_book() public {
        token.mint(address(escrow), 7);
        _refunded("job", 100);
        escrow.withdrawFor(customer);
        vm.assertEq(token.balanceOf(address(escrow)), 7);
        vm.assertEq(escrow.totalCredits() + escrow.openFees(), 0);
    }

    /* -------------------------------------------------- coins --------------------------------------------- */

    function test_rule7_withdrawCredit__beneficiary_that_refuses__blocks_only_itself() public {
        _slashInto(HostileProvider.Answer.Refuse);
        uint256 due = staking.credit(address(_hostile));
        bytes memory refusal = abi.encodeWithSelector(
            INodeStaking.NodeStaking_TransferFailed.selector,
            address(_hostile)
        );
        vm.expectRevert(refusal);
        staking.withdrawCreditFor(address(_hostile));
        vm.assertEq(staking.credit(address(_hostile)), due);

        uint256 before = trainers[0].balance;
        vm.expectEmit(address(staking));
        emit INodeStaking.CreditWithdrawn(trainers[0], MIN_DEPOSIT - due);
        staking.withdrawCreditFor(trainers[0]);
        vm.assertEq(trainers[0].balance - before, MIN_DEPOSIT - due);
        vm.assertEq(staking.totalSlashedUnclaimed(), due);

        _hostile.answerBy(HostileProvider.Answer.Accept, address(0));
        vm.prank(address(_hostile));
        staking.withdrawCredit();
        vm.assertEq(staking.totalSlashedUnclaimed(), 0);
    }

    function test_rule7_withdrawCredit__called_again_while_paid__pays_once() public {
        _slashInto(HostileProvider.Answer.WithdrawCreditAgain);
        uint256 due = staking.credit(address(_hostile));
        uint256 before = address(_hostile).balance;
        staking.withdrawCreditFor(address(_hostile));
        vm.assertEq(address(_hostile).balance - before, due);
        vm.assertEq(_hostile.attempts(), 1);
        vm.assertEq(_hostile.successes(), 0);
        vm.assertEq(address(staking).balance, _coinsBooked());
    }

    function test_rule7_withdrawCredit__calls_for_others_while_paid__books_stay_right() public {
        _slashInto(HostileProvider.Answer.TakeOthers);
        uint256 before = trainers[0].balance;
        uint256 due = staking.credit(trainers[0]);
        staking.withdrawCreditFor(address(_hostile));
        vm.assertEq(_hostile.successes(), 1);
        vm.assertEq(trainers[0].balance - before, due);
        vm.assertEq(address(staking).balance, _coinsBooked());
    }

    function test_rule7_withdraw__deposit_called_again_while_paid__pays_once() public {
        _hostile.answerBy(HostileProvider.Answer.WithdrawAgain, address(0));
        vm.prank(address(_hostile));
        staking.requestExit();
        vm.warp(block.timestamp + UNBONDING);
        uint256 before = address(_hostile).balance;
        vm.prank(address(_hostile));
        staking.withdraw();
        vm.assertEq(address(_hostile).balance - before, MIN_DEPOSIT);
        vm.assertEq(_hostile.attempts(), 1);
        vm.assertEq(_hostile.successes(), 0);
        vm.assertEq(address(staking).balance, _coinsBooked());
    }

    function test_rule7_withdraw__deposit_refused__stays_to_be_withdrawn() public {
        _hostile.answerBy(HostileProvider.Answer.Refuse, address(0));
        vm.prank(address(_hostile));
        staking.requestExit();
        vm.warp(block.timestamp + UNBONDING);
        vm.expectRevert(
            abi.encodeWithSelector(INodeStaking.NodeStaking_TransferFailed.selector, address(_hostile))
        );
        vm.prank(address(_hostile));
        staking.withdraw();
        vm.assertEq(staking.node(address(_hostile)).deposit, MIN_DEPOSIT);
    }

    function test_rule7_finalizeSlash__beneficiary_that_burns_gas__is_never_called() public {
        _slashInto(HostileProvider.Answer.BurnGas);
        vm.assertEq(_hostile.attempts(), 0);
        staking.withdrawCreditFor(trainers[0]);
    }

    function test_withdrawCredit__nothing_owed__refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(INodeStaking.NodeStaking_NothingToWithdraw.selector, stranger)
        );
        vm.prank(stranger);
        staking.withdrawCredit();
    }

    /* ----------------------------------------------- inside ------------------------------------------------ */

    function _refunded(bytes32 ref, uint256 fee) private {
        bytes32 jobId = openJob(ref, fee, 600);
        vm.prank(customer);
        escrow.cancel(jobId);
    }

    function _withHostile() private view returns (address[] memory) {
        return Lists.list(trainers[0], address(_hostile));
    }

    /// @dev A culprit's deposit goes to a plain trainer and to the hostile one.
    function _slashInto(HostileProvider.Answer answer) private {
        _hostile.answerBy(answer, trainers[0]);
        bytes32 jobId = openJob("slashing", 100, 600);
        assignJob(jobId, Lists.list(trainers[0], trainers[1], address(_hostile)));
        drawJob(jobId);
        fail(jobId, Lists.list(trainers[1]));
        vm.warp(block.timestamp + CONTEST);
        escrow.finalizeSlash(jobId);
    }

    function _coinsBooked() private view returns (uint256) {
        return staking.totalActive() + staking.totalUnbonding() + staking.totalSlashedUnclaimed();
    }
}
