// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Names of nodes
/// @notice Plain ASCII only, so that no two names can look alike or smuggle markup onto a page.
library Names {
    uint256 internal constant MAX_LENGTH = 40;

    /// @notice Whether `name` is 1 to 40 characters out of letters, digits, `-`, `_` and `.`.
    function valid(string memory name) internal pure returns (bool) {
        bytes memory b = bytes(name);
        if (b.length == 0 || b.length > MAX_LENGTH) return false;
        for (uint256 i; i < b.length; ++i) {
            bytes1 c = b[i];
            bool letterOrDigit = (c >= "a" && c <= "z") || (c >= "A" && c <= "Z") || (c >= "0" && c <= "9");
            if (!letterOrDigit && c != "-" && c != "_" && c != ".") return false;
        }
        return true;
    }

    /// @notice Equal for names that differ only in the case of their letters.
    function id(string memory name) internal pure returns (bytes32) {
        bytes memory b = bytes(name);
        bytes memory lower = new bytes(b.length);
        for (uint256 i; i < b.length; ++i) {
            bytes1 c = b[i];
            lower[i] = c >= "A" && c <= "Z" ? bytes1(uint8(c) + 32) : c;
        }
        return keccak256(lower);
    }
}
