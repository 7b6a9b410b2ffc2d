// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Names} from "../../../../contracts/libraries/Names.sol";
import {ForgeBase} from "../ForgeBase.sol";

/// @dev No two names look alike.
contract NamesTest is ForgeBase {
    bytes private constant ALLOWED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

    function test_valid__every_byte__only_letters_digits_and_three_marks() public pure {
        for (uint256 c; c < 256; ++c) {
            bool allowed;
            for (uint256 i; i < ALLOWED.length; ++i) if (uint8(ALLOWED[i]) == c) allowed = true;
            bytes memory name = "a?b";
            name[1] = bytes1(uint8(c));
            vm.assertTrue(Names.valid(string(name)) == allowed);
        }
    }

    function test_valid__length__one_to_forty() public pure {
        vm.assertFalse(Names.valid(""));
        vm.assertTrue(Names.valid("a"));
        vm.assertTrue(Names.valid("0123456789012345678901234567890123456789"));
        vm.assertFalse(Names.valid("01234567890123456789012345678901234567890"));
    }

    function testFuzz_id__differing_in_case__same(bytes16 raw, uint16 upperMask) public pure {
        bytes memory lower = new bytes(16);
        bytes memory mixed = new bytes(16);
        for (uint256 i; i < 16; ++i) {
            uint8 letter = uint8(raw[i]) % 26;
            lower[i] = bytes1(letter + 97);
            mixed[i] = (upperMask >> i) & 1 == 1 ? bytes1(letter + 65) : lower[i];
        }
        vm.assertEq(Names.id(string(lower)), Names.id(string(mixed)));
    }

    function testFuzz_id__differing_otherwise__different(bytes8 raw, uint256 at, uint256 other) public pure {
        bytes memory name = new bytes(8);
        for (uint256 i; i < 8; ++i) name[i] = ALLOWED[26 + (uint8(raw[i]) % 39)];
        at = bound(at, 0, 7);
        bytes memory changed = abi.encodePacked(name);
        changed[at] = ALLOWED[26 + bound(other, 0, 38)];
        vm.assertTrue((changed[at] == name[at]) == (Names.id(string(name)) == Names.id(string(changed))));
    }
}
