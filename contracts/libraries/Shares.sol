// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Exact division of an amount
library Shares {
    /// @notice Splits `amount` into `parts` equal shares; the first ones carry one wei more until nothing is left.
    function equal(uint256 amount, uint256 parts) internal pure returns (uint256[] memory shares) {
        shares = new uint256[](parts);
        if (parts == 0) return shares;
        uint256 shareRoundedDown = amount / parts;
        uint256 remainder = amount % parts;
        for (uint256 i; i < parts; ++i) {
            shares[i] = i < remainder ? shareRoundedDown + 1 : shareRoundedDown;
        }
    }
}
