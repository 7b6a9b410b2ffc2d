// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ForgeBase} from "./ForgeBase.sol";
import {MarketHandler} from "./MarketHandler.sol";

/// @dev The rules of money, after every random history. The list in prose is contracts/README.md.
contract InvariantsTest is ForgeBase {
    MarketHandler private _market;

    function setUp() public {
        _market = new MarketHandler();
        targetContract(address(_market));
    }

    function invariant_rule1_tokens_held_are_open_fees_and_credits() public view {
        (uint256 held, uint256 owed) = _market.heldTokens();
        vm.assertEq(held, owed);
    }

    function invariant_rule1_deposits_held_are_active_unbonding_and_slashed() public view {
        (uint256 held, uint256 owed) = _market.heldDeposits();
        vm.assertEq(held, owed);
    }

    function invariant_rule1_totals_are_the_sums_of_the_records() public view {
        vm.assertTrue(_market.recounted());
    }

    function invariant_rule1_nothing_appears_and_nothing_vanishes() public view {
        (uint256 tokens, ) = _market.heldTokens();
        vm.assertEq(_market.feesPaidIn(), tokens + _market.tokensPaidOut());
        (uint256 deposits, ) = _market.heldDeposits();
        vm.assertEq(_market.depositsPaidIn(), deposits + _market.depositsPaidOut());
    }

    function invariant_rule2_a_job_ends_once() public view {
        vm.assertTrue(!_market.endedTwice());
        vm.assertTrue(_market.statusesStand());
    }

    function invariant_rule3_an_ended_job_pays_out_its_whole_fee() public view {
        vm.assertTrue(!_market.wrongPayout());
    }

    function invariant_rule6_nodes_are_bound_by_their_open_jobs_and_accusations() public view {
        vm.assertTrue(_market.boundAsRecorded());
    }
}
