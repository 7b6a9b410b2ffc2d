// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EnergyLedger} from "../../../../contracts/carbon/EnergyLedger.sol";
import {ForgeBase} from "../ForgeBase.sol";
import {LedgerHandler} from "./LedgerHandler.sol";

/// @dev The ledger after every random history.
/// forge-config: default.invariant.runs = 12
/// forge-config: default.invariant.depth = 60
contract LedgerInvariantsTest is ForgeBase {
    LedgerHandler private _handler;
    EnergyLedger private _ledger;

    function setUp() public {
        _handler = new LedgerHandler();
        _ledger = _handler.ledger();
        targetContract(address(_handler));
    }

    function invariant_rule8_the_ledger_is_one_chain_of_hashes() public view {
        vm.assertEq(_ledger.headHash(), _handler.head());
        vm.assertEq(_ledger.count(), _handler.sealed_());
    }

    function invariant_rule8_each_job_is_in_the_ledger_once() public view {
        vm.assertLe(_handler.mostOftenSealed(), 1);
        vm.assertEq(_handler.namesIn(), _handler.jobsIn());
    }

    function invariant_rule8_nothing_is_sealed_below_two_thirds_of_the_weight() public view {
        vm.assertEq(_handler.minority(), 0);
    }

    function invariant_rule8_the_race_names_the_proposer() public view {
        vm.assertEq(_handler.outOfTurn(), 0);
    }
}
