// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Deterministic weighted draw without replacement: an exponential race
/// @notice Anyone can recompute a draw from the seed, the candidates and their weights. A candidate's place in the race
/// depends on the seed, itself and its own weight alone: whoever joins, leaves, is barred or changes its deposit after the
/// seed is known moves nobody but itself, and the order of the candidates does not matter.
/// @dev P. S. Efraimidis and P. G. Spirakis, "Weighted random sampling with a reservoir", Information Processing Letters
/// 97 (2006). Candidate c with weight w arrives at time E / w, E = -log2(U) with U uniform in (0, 1]; those who arrive
/// first win, which is the same as drawing one after the other in proportion to weight. Fixed point: U has 128 bits and E
/// 32 fractional bits, so chances are exact to about 2^-32.
library Sortition {
    /// @dev 128 with {log2}'s 32 fractional bits.
    uint256 private constant LOG2_OF_RANGE = 128 << 32;

    /// @notice Draws up to `count` candidates with a weight.
    /// @param barred Candidates that may not win.
    /// @return drawn The winners in the order they arrive; shorter than `count` when too few have a weight.
    function draw(
        bytes32 seed,
        address[] memory candidates,
        uint256[] memory weights,
        bool[] memory barred,
        uint256 count
    ) internal pure returns (address[] memory drawn) {
        drawn = new address[](count);
        uint256[] memory times = new uint256[](count);
        uint256 found;
        for (uint256 i; i < candidates.length; ++i) {
            if (barred[i] || weights[i] == 0) continue;
            uint256 time = arrival(seed, candidates[i], weights[i]);
            uint256 place = found;
            while (place > 0 && _before(time, candidates[i], times[place - 1], drawn[place - 1])) --place;
            if (place == count) continue;
            if (found < count) ++found;
            for (uint256 k = found - 1; k > place; --k) (times[k], drawn[k]) = (times[k - 1], drawn[k - 1]);
            (times[place], drawn[place]) = (time, candidates[i]);
        }

        // `found <= count`, so this only shortens the array that was just allocated.
        assembly ("memory-safe") {
            mstore(drawn, found)
        }
    }

    /// @notice When a candidate arrives. `weight` is above zero.
    function arrival(bytes32 seed, address candidate, uint256 weight) internal pure returns (uint256 time) {
        uint256 uniform = uint256(keccak256(abi.encode(seed, candidate))) >> 128;
        return ((LOG2_OF_RANGE - log2(uniform + 1)) << 128) / weight;
    }

    /// @notice Binary logarithm with 32 fractional bits, rounded down, of 1 <= x <= 2^128, by repeated squaring.
    function log2(uint256 x) internal pure returns (uint256 result) {
        uint256 whole;
        for (uint256 step = 128; step > 0; step >>= 1) if (x >> (whole + step) > 0) whole += step;
        result = whole << 32;
        uint256 y = whole > 127 ? x >> (whole - 127) : x << (127 - whole);
        unchecked {
            // y stays in [2^127, 2^128), so its square fits a word.
            for (uint256 bit = 1 << 31; bit > 0; bit >>= 1) {
                y = (y * y) >> 127;
                if (y >> 128 == 0) continue;
                y >>= 1;
                result |= bit;
            }
        }
    }

    function _before(uint256 time, address a, uint256 otherTime, address b) private pure returns (bool) {
        return time < otherTime || (time == otherTime && a < b);
    }
}
