// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @dev Short ways to write lists of addresses and numbers.
library Lists {
    function list(address a) internal pure returns (address[] memory made) {
        made = new address[](1);
        made[0] = a;
    }

    function list(address a, address b) internal pure returns (address[] memory made) {
        made = new address[](2);
        (made[0], made[1]) = (a, b);
    }

    function list(address a, address b, address c) internal pure returns (address[] memory made) {
        made = new address[](3);
        (made[0], made[1], made[2]) = (a, b, c);
    }

    /// @dev The first `n` of `all`.
    function first(address[] memory all, uint256 n) internal pure returns (address[] memory made) {
        made = new address[](n);
        for (uint256 i; i < n; ++i) made[i] = all[i];
    }

    function joined(
        address[] memory some,
        address[] memory more
    ) internal pure returns (address[] memory made) {
        made = new address[](some.length + more.length);
        for (uint256 i; i < made.length; ++i) made[i] = i < some.length ? some[i] : more[i - some.length];
    }

    /// @dev Those of `all` whose bit in `mask` is `wanted`, in order.
    function masked(
        address[] memory all,
        uint256 mask,
        bool wanted
    ) internal pure returns (address[] memory made) {
        made = new address[](all.length);
        uint256 n;
        for (uint256 i; i < all.length; ++i) if (((mask >> i) & 1 == 1) == wanted) made[n++] = all[i];
        assembly ("memory-safe") {
            mstore(made, n)
        }
    }

    function count(address[] memory all, address wanted) internal pure returns (uint256 n) {
        for (uint256 i; i < all.length; ++i) if (all[i] == wanted) ++n;
    }

    function sum(uint256[] memory all) internal pure returns (uint256 total) {
        for (uint256 i; i < all.length; ++i) total += all[i];
    }

    /// @dev `pool` in `parts` that look random and add up.
    function split(uint256 pool, uint256 parts, uint256 seed) internal pure returns (uint256[] memory made) {
        made = new uint256[](parts);
        uint256 left = pool;
        for (uint256 i = 1; i < parts; ++i) {
            made[i] = uint256(keccak256(abi.encode(seed, i))) % (left + 1);
            left -= made[i];
        }
        made[0] = left;
    }
}
