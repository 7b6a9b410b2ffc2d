// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ForgeBase} from "../ForgeBase.sol";
import {CreditAdversary} from "./CreditAdversary.sol";

/// @dev Abuses one after another in one world: what holds after one ({CreditCasesTest}) holds after many.
/// forge-config: default.invariant.fail-on-revert = true
/// forge-config: default.invariant.runs = 6
/// forge-config: default.invariant.depth = 30
/// forge-config: default.invariant.shrink-run-limit = 100
contract CreditBackingTest is ForgeBase {
    /// @dev The shape in which forge wants to be told about functions.
    struct Selectors {
        address target;
        bytes4[] selectors;
    }

    CreditAdversary private _adversary;

    function setUp() public {
        _adversary = new CreditAdversary();
        targetContract(address(_adversary));
    }

    /// @dev The only move is {CreditAdversary-play}.
    function targetSelectors() public view returns (Selectors[] memory list) {
        list = new Selectors[](1);
        list[0].target = address(_adversary);
        list[0].selectors = new bytes4[](1);
        list[0].selectors[0] = _adversary.play.selector;
    }

    function invariant_rule9_every_unit_was_avoided_once() public {
        _adversary.auditCredits();
    }
}
