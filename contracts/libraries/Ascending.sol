// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Lists of addresses in strictly ascending order
/// @notice An ascending list has nobody twice, and two of them are compared in one walk.
library Ascending {
    /// @notice The list is not ascending at `account`.
    error Ascending_NotAscending(address before, address account);
    /// @notice `account` is not in the other list.
    error Ascending_Unknown(address account);

    function requireOrder(address[] calldata list) internal pure {
        for (uint256 i = 1; i < list.length; ++i) {
            if (list[i - 1] >= list[i]) revert Ascending_NotAscending(list[i - 1], list[i]);
        }
    }

    /// @notice The members of `all` that are not in `part`, in order. Both ascend; reverts if `part` is no part of `all`.
    function without(
        address[] calldata all,
        address[] calldata part
    ) internal pure returns (address[] memory rest) {
        requireOrder(part);
        rest = new address[](all.length);
        uint256 named;
        uint256 left;
        for (uint256 i; i < all.length; ++i) {
            if (named < part.length && all[i] == part[named]) ++named;
            else rest[left++] = all[i];
        }
        if (named < part.length) revert Ascending_Unknown(part[named]);

        // `left <= all.length`, so this only shortens the array that was just allocated.
        assembly ("memory-safe") {
            mstore(rest, left)
        }
    }

    function contains(address[] calldata list, address account) internal pure returns (bool) {
        uint256 low;
        uint256 high = list.length;
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (list[middle] == account) return true;
            if (list[middle] < account) low = middle + 1;
            else high = middle;
        }
        return false;
    }
}
