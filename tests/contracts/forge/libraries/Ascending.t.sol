// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ascending} from "../../../../contracts/libraries/Ascending.sol";
import {ForgeBase} from "../ForgeBase.sol";
import {Lists} from "../Lists.sol";
import {AscendingCalls} from "./AscendingCalls.sol";

/// @dev Lists in strictly ascending order.
contract AscendingTest is ForgeBase {
    using Lists for address[];

    AscendingCalls private _calls = new AscendingCalls();

    function testFuzz_requireOrder__any_list__only_strictly_ascending(uint8[6] memory raw, uint256 n) public {
        address[] memory list = new address[](bound(n, 0, 6));
        uint256 bad;
        for (uint256 i; i < list.length; ++i) {
            list[i] = address(uint160(raw[i]));
            if (i > 0 && bad == 0 && raw[i - 1] >= raw[i]) bad = i;
        }
        if (bad > 0) {
            vm.expectRevert(
                abi.encodeWithSelector(Ascending.Ascending_NotAscending.selector, list[bad - 1], list[bad])
            );
        }
        _calls.requireOrder(list);
    }

    function test_requireOrder__somebody_twice__refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(Ascending.Ascending_NotAscending.selector, address(7), address(7))
        );
        _calls.requireOrder(Lists.list(address(3), address(7), address(7)));
    }

    function testFuzz_without__any_part__leaves_exactly_the_others(uint256 mask, uint256 n) public view {
        address[] memory all = _ascending(bound(n, 0, 20));
        vm.assertEq(_calls.without(all, all.masked(mask, true)), all.masked(mask, false));
    }

    function testFuzz_without__a_stranger_in_the_part__refused(address stranger, uint256 mask) public {
        address[] memory all = _ascending(8);
        vm.assume(all.count(stranger) == 0);
        address[] memory some = all.masked(mask, true);
        address[] memory part = new address[](some.length + 1);
        uint256 at;
        for (uint256 i; i < part.length; ++i) {
            bool here = at == i && (i == some.length || stranger < some[i]);
            part[i] = here ? stranger : some[at++];
        }
        vm.expectRevert(abi.encodeWithSelector(Ascending.Ascending_Unknown.selector, stranger));
        _calls.without(all, part);
    }

    function test_without__part_out_of_order__refused() public {
        vm.expectRevert(
            abi.encodeWithSelector(Ascending.Ascending_NotAscending.selector, address(10), address(5))
        );
        _calls.without(_ascending(4), Lists.list(address(10), address(5)));
    }

    function testFuzz_contains__any_list__as_if_looked_through(uint256 n, uint256 wanted) public view {
        address[] memory list = _ascending(bound(n, 0, 40));
        address account = address(uint160(bound(wanted, 0, 205)));
        vm.assertTrue(_calls.contains(list, account) == (list.count(account) == 1));
    }

    function _ascending(uint256 n) private pure returns (address[] memory list) {
        list = new address[](n);
        for (uint256 i; i < n; ++i) list[i] = address(uint160(5 * (i + 1)));
    }
}
