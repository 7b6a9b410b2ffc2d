// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Shares} from "../../../../contracts/libraries/Shares.sol";
import {ForgeBase} from "../ForgeBase.sol";
import {Lists} from "../Lists.sol";

/// @dev How a slashed deposit is divided (rule 4).
contract SharesTest is ForgeBase {
    using Lists for uint256[];

    function testFuzz_rule4_equal__any_amount__whole_and_equal_up_to_one_wei(
        uint256 amount,
        uint256 parts
    ) public pure {
        parts = bound(parts, 1, 600);
        uint256[] memory shares = Shares.equal(amount, parts);
        vm.assertEq(shares.length, parts);
        vm.assertEq(shares.sum(), amount);
        for (uint256 i; i < parts; ++i) {
            vm.assertTrue(shares[i] == amount / parts || shares[i] == amount / parts + 1);
            if (i > 0) vm.assertLe(shares[i], shares[i - 1]);
        }
    }

    function test_equal__seven_among_three__first_gets_the_odd_wei() public pure {
        uint256[] memory shares = Shares.equal(7, 3);
        vm.assertTrue(shares[0] == 3 && shares[1] == 2 && shares[2] == 2);
    }

    function test_equal__no_parts__nothing() public pure {
        vm.assertEq(Shares.equal(7, 0).length, 0);
    }
}
