// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Names} from "../../../contracts/libraries/Names.sol";
import {Shares} from "../../../contracts/libraries/Shares.sol";
import {Sortition} from "../../../contracts/libraries/Sortition.sol";
import {ForgeBase} from "./ForgeBase.sol";

/// @dev Laws of the libraries.
contract LibrariesTest is ForgeBase {
    uint256 private constant CANDIDATES = 9;

    function testFuzz_shares_add_up_and_differ_by_one_wei_at_most(uint256 amount, uint256 parts) public pure {
        parts = bound(parts, 1, 64);
        uint256[] memory shares = Shares.equal(amount, parts);
        uint256 sum;
        for (uint256 i; i < parts; ++i) {
            sum += shares[i];
            vm.assertTrue(shares[i] == amount / parts || shares[i] == amount / parts + 1);
            if (i > 0) vm.assertLe(shares[i], shares[i - 1]);
        }
        vm.assertEq(sum, amount);
    }

    function testFuzz_draw_is_repeatable_and_without_replacement(
        bytes32 seed,
        uint256 mix,
        uint256 barredMask
    ) public pure {
        address[] memory drawn = _draw(seed, mix, barredMask, 3);
        address[] memory again = _draw(seed, mix, barredMask, 3);
        vm.assertTrue(keccak256(abi.encode(drawn)) == keccak256(abi.encode(again)));
        for (uint256 i; i < drawn.length; ++i) {
            uint256 index = uint160(drawn[i]) - 1;
            vm.assertTrue((barredMask >> index) & 1 == 0);
            vm.assertTrue(_weight(mix, index) > 0);
            for (uint256 k; k < i; ++k) vm.assertTrue(drawn[k] != drawn[i]);
        }
    }

    function testFuzz_draw_takes_as_many_as_it_can(
        bytes32 seed,
        uint256 mix,
        uint256 barredMask
    ) public pure {
        uint256 eligible;
        for (uint256 i; i < CANDIDATES; ++i)
            if ((barredMask >> i) & 1 == 0 && _weight(mix, i) > 0) ++eligible;
        vm.assertEq(_draw(seed, mix, barredMask, 3).length, eligible < 3 ? eligible : 3);
    }

    function testFuzz_draw_barring_someone_never_reshuffles_the_others(
        bytes32 seed,
        uint256 mix,
        uint256 barredMask
    ) public pure {
        address[] memory all = _draw(seed, mix, 0, CANDIDATES);
        address[] memory some = _draw(seed, mix, barredMask, CANDIDATES);
        uint256 next;
        for (uint256 i; i < all.length; ++i) {
            if ((barredMask >> (uint160(all[i]) - 1)) & 1 == 0) vm.assertEq(some[next++], all[i]);
        }
        vm.assertEq(next, some.length);
    }

    function test_draw_follows_the_weights() public pure {
        uint256 heavyFirst;
        for (uint256 i; i < 4000; ++i) {
            uint256[] memory weights = new uint256[](2);
            (weights[0], weights[1]) = (3, 1);
            if (Sortition.pick(keccak256(abi.encode(i)), 0, weights, 4) == 0) ++heavyFirst;
        }
        // 3 in 4 of 4000, and six standard deviations of room.
        vm.assertTrue(heavyFirst > 2835 && heavyFirst < 3165);
    }

    function testFuzz_names_equal_up_to_case_share_an_id(bytes16 raw) public pure {
        bytes memory lower = new bytes(16);
        bytes memory upper = new bytes(16);
        for (uint256 i; i < 16; ++i) {
            uint8 letter = uint8(raw[i]) % 26;
            (lower[i], upper[i]) = (bytes1(letter + 97), bytes1(letter + 65));
        }
        vm.assertTrue(Names.valid(string(lower)) && Names.valid(string(upper)));
        vm.assertTrue(Names.id(string(lower)) == Names.id(string(upper)));
    }

    function _draw(
        bytes32 seed,
        uint256 mix,
        uint256 barredMask,
        uint256 count
    ) private pure returns (address[] memory) {
        address[] memory candidates = new address[](CANDIDATES);
        uint256[] memory weights = new uint256[](CANDIDATES);
        bool[] memory barred = new bool[](CANDIDATES);
        for (uint256 i; i < CANDIDATES; ++i) {
            candidates[i] = address(uint160(i + 1));
            weights[i] = _weight(mix, i);
            barred[i] = (barredMask >> i) & 1 == 1;
        }
        return Sortition.draw(seed, candidates, weights, barred, count);
    }

    /// @dev One in four weighs nothing.
    function _weight(uint256 mix, uint256 index) private pure returns (uint256) {
        uint256 w = uint256(keccak256(abi.encode(mix, index)));
        return w & 3 == 0 ? 0 : w >> 140;
    }
}
