// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {CreditAdversary} from "./CreditAdversary.sol";

/// @dev Ten thousand cases, each one of fifteen ways to get a credit for nothing, in the real contracts (rule 9).
contract CreditCasesTest is CreditAdversary {
    /// forge-config: default.fuzz.runs = 10000
    function testFuzz_rule9_adversary__ten_thousand_cases__no_unbacked_unit(uint8 kind, uint256 seed) public {
        play(kind, seed);
        auditCredits();
    }
}
