// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ForgeBase} from "../ForgeBase.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @dev The rules of money, after every random history. The list in prose is contracts/README.md. A move of the handler
/// that the rules allow must not revert, so a revert is a failure too.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.runs = 16
/// forge-config: default.invariant.depth = 150
/// forge-config: default.invariant.shrink-run-limit = 300
contract InvariantsTest is ForgeBase {
    /// @dev The shape in which forge wants to be told about functions.
    struct Selectors {
        address target;
        bytes4[] selectors;
    }

    MarketHandler private _market;

    function setUp() public {
        _market = new MarketHandler();
        targetContract(address(_market));
    }

    /// @dev What the invariants and the handler itself call is no move.
    function excludeSelectors() public view returns (Selectors[] memory list) {
        list = new Selectors[](1);
        list[0].target = address(_market);
        list[0].selectors = new bytes4[](5);
        list[0].selectors[0] = _market.reclaimOne.selector;
        list[0].selectors[1] = _market.payEverybody.selector;
        list[0].selectors[2] = _market.windDown.selector;
        list[0].selectors[3] = _market.callWithdraw.selector;
        list[0].selectors[4] = _market.callWithdrawCredit.selector;
    }

    /// @dev After each history, everybody can go home with what is theirs.
    function afterInvariant() public {
        _market.windDown();
    }

    function invariant_rule1_tokens_held_are_open_fees_and_credits() public view {
        _market.auditTokens();
        _unbroken(1);
    }

    function invariant_rule1_coins_held_are_deposits_and_slashed_credits() public view {
        _market.auditDeposits();
        _unbroken(1);
    }

    function invariant_rule2_a_job_ends_once() public view {
        _market.auditStatuses();
        _unbroken(2);
    }

    function invariant_rule2_after_its_deadline_a_job_can_be_reclaimed_without_anybody() public {
        uint256 before = vm.snapshotState();
        _market.reclaimOne(block.timestamp);
        vm.assertTrue(vm.revertToState(before));
    }

    function invariant_rule3_shares_and_commission_are_exactly_the_fee() public view {
        _unbroken(3);
    }

    function invariant_rule4_failed_jobs_are_refunded_and_culprits_pay_the_honest() public view {
        _market.auditAccusations();
        _unbroken(4);
    }

    function invariant_rule5_only_quorums_of_drawn_validators_end_jobs() public view {
        _market.auditRatings();
        _unbroken(5);
    }

    function invariant_rule6_nodes_are_bound_by_their_open_jobs_and_accusations() public view {
        _market.auditBindings();
        _unbroken(6);
    }

    function invariant_rule7_everybody_is_paid_whoever_else_refuses() public {
        uint256 before = vm.snapshotState();
        _market.payEverybody();
        vm.assertTrue(vm.revertToState(before));
        _unbroken(7);
    }

    function invariant_rule8_events_alone_tell_all_books() public view {
        _market.auditEvents();
    }

    function _unbroken(uint256 rule) private view {
        string memory what = _market.broken(rule);
        vm.assertEq(what, "", what);
    }
}
