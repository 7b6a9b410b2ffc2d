// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @dev The tree of payouts as a settler builds it: written down here from its description, not from the contract.
library PayoutTree {
    struct Tree {
        bytes32[][] hashes;
        uint256[][] sums;
    }

    function build(
        address[] memory payees,
        uint256[] memory amounts
    ) internal pure returns (Tree memory tree) {
        uint256 height;
        while (1 << height < payees.length) ++height;
        tree.hashes = new bytes32[][](height + 1);
        tree.sums = new uint256[][](height + 1);
        tree.hashes[0] = new bytes32[](1 << height);
        tree.sums[0] = new uint256[](1 << height);
        for (uint256 i; i < payees.length; ++i) {
            tree.hashes[0][i] = keccak256(abi.encode(uint8(0), i, payees[i], amounts[i]));
            tree.sums[0][i] = amounts[i];
        }
        for (uint256 level = 1; level <= height; ++level) _join(tree, level, 1 << (height - level));
    }

    function root(Tree memory tree) internal pure returns (bytes32) {
        return tree.hashes[tree.hashes.length - 1][0];
    }

    function total(Tree memory tree) internal pure returns (uint256) {
        return tree.sums[tree.sums.length - 1][0];
    }

    /// @dev The siblings of leaf `index`, from the leaf up.
    function proof(
        Tree memory tree,
        uint256 index
    ) internal pure returns (bytes32[] memory siblings, uint256[] memory sums) {
        uint256 height = tree.hashes.length - 1;
        siblings = new bytes32[](height);
        sums = new uint256[](height);
        for (uint256 level; level < height; ++level) {
            uint256 beside = index % 2 == 0 ? index + 1 : index - 1;
            siblings[level] = tree.hashes[level][beside];
            sums[level] = tree.sums[level][beside];
            index /= 2;
        }
    }

    function _join(Tree memory tree, uint256 level, uint256 width) private pure {
        tree.hashes[level] = new bytes32[](width);
        tree.sums[level] = new uint256[](width);
        bytes32[] memory below = tree.hashes[level - 1];
        uint256[] memory sumsBelow = tree.sums[level - 1];
        for (uint256 i; i < width; ++i) {
            tree.hashes[level][i] = keccak256(
                abi.encode(uint8(1), below[2 * i], sumsBelow[2 * i], below[2 * i + 1], sumsBelow[2 * i + 1])
            );
            tree.sums[level][i] = sumsBelow[2 * i] + sumsBelow[2 * i + 1];
        }
    }
}
