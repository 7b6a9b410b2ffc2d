// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Deterministic weighted draw without replacement
/// @notice Anyone can recompute a draw from the seed, the candidates in order and their weights.
/// @dev Step `i` picks the candidate whose slice of the running total of the remaining weights holds
/// `uint256(keccak256(abi.encode(seed, i))) % total`. Totals stay far below 2^128, so the bias of the
/// remainder is below 2^-128.
library Sortition {
    /// @notice Draws up to `count` candidates.
    /// @param barred Candidates that may not win. They keep their place in the draw and are passed over when
    /// picked, so whoever chooses the barred ones cannot reshuffle the order of the others.
    /// @param weights Consumed: the weight of every picked candidate is set to zero.
    /// @return drawn The winners in the order drawn; shorter than `count` when too few have a weight.
    function draw(
        bytes32 seed,
        address[] memory candidates,
        uint256[] memory weights,
        bool[] memory barred,
        uint256 count
    ) internal pure returns (address[] memory drawn) {
        drawn = new address[](count);
        uint256 total;
        for (uint256 i; i < weights.length; ++i) total += weights[i];

        uint256 found;
        for (uint256 step; found < count && total > 0; ++step) {
            uint256 picked = pick(seed, step, weights, total);
            total -= weights[picked];
            weights[picked] = 0;
            if (!barred[picked]) drawn[found++] = candidates[picked];
        }

        // `found <= count`, so this only shortens the array that was just allocated.
        assembly ("memory-safe") {
            mstore(drawn, found)
        }
    }

    /// @notice The index picked at one step, with `total` the sum of `weights` and above zero.
    function pick(
        bytes32 seed,
        uint256 step,
        uint256[] memory weights,
        uint256 total
    ) internal pure returns (uint256 index) {
        uint256 point = uint256(keccak256(abi.encode(seed, step))) % total;
        while (point >= weights[index]) {
            point -= weights[index];
            ++index;
        }
    }
}
