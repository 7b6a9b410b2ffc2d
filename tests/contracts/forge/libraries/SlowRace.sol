// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @dev The draw of validators as its description says it, without a thought for gas: sort everybody by arrival.
library SlowRace {
    function draw(
        bytes32 seed,
        address[] memory candidates,
        uint256[] memory weights,
        bool[] memory barred,
        uint256 count
    ) internal pure returns (address[] memory drawn) {
        address[] memory racing = new address[](candidates.length);
        uint256[] memory times = new uint256[](candidates.length);
        uint256 n;
        for (uint256 i; i < candidates.length; ++i) {
            if (barred[i] || weights[i] == 0) continue;
            racing[n] = candidates[i];
            times[n++] = arrival(seed, candidates[i], weights[i]);
        }
        drawn = new address[](n < count ? n : count);
        for (uint256 place; place < drawn.length; ++place) {
            uint256 best = type(uint256).max;
            for (uint256 i; i < n; ++i) {
                if (racing[i] == address(0)) continue;
                if (best == type(uint256).max || _before(times[i], racing[i], times[best], racing[best]))
                    best = i;
            }
            drawn[place] = racing[best];
            racing[best] = address(0);
        }
    }

    function arrival(bytes32 seed, address candidate, uint256 weight) internal pure returns (uint256) {
        uint256 uniform = uint256(keccak256(abi.encode(seed, candidate))) >> 128;
        return (((128 << 32) - log2(uniform + 1)) << 128) / weight;
    }

    /// @dev Binary logarithm with 32 fractional bits, rounded down, one bit of the answer after the other.
    function log2(uint256 x) internal pure returns (uint256 result) {
        uint256 whole;
        while (whole < 255 && x >> (whole + 1) > 0) ++whole;
        result = whole << 32;
        // x / 2^whole with 127 fractional bits.
        uint256 y = whole > 127 ? x >> (whole - 127) : x << (127 - whole);
        for (uint256 bit = 32; bit > 0; --bit) {
            y = (y * y) >> 127;
            if (y >= 1 << 128) {
                y = y / 2;
                result += 2 ** (bit - 1);
            }
        }
    }

    function _before(uint256 time, address a, uint256 otherTime, address b) private pure returns (bool) {
        return time == otherTime ? a < b : time < otherTime;
    }
}
