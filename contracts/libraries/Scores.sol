// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title What a trainer did in a job, in one word
/// @notice High bits first: accuracy (32 bits), macro-F1 (20), contribution (20) and GPU use (24) in millionths, examples (48),
/// milliseconds (48), millijoules (64).
library Scores {
    /// @notice Millionths.
    function accuracy(bytes32 score) internal pure returns (uint256) {
        return uint256(score) >> 224;
    }

    /// @notice Millionths; 0 for an empty list.
    function bestAccuracy(bytes32[] calldata scores) internal pure returns (uint256 best) {
        // Accuracy is in the high bits, so the greatest word is one of the most accurate.
        for (uint256 i; i < scores.length; ++i) if (uint256(scores[i]) > best) best = uint256(scores[i]);
        return best >> 224;
    }
}
