// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Merkle sum tree
/// @notice Every node carries the sum of the amounts below it, and its hash covers its children's sums. So a root whose sum
/// is what there is to pay can never be claimed for more, whoever built the tree.
/// @dev Leaf `keccak256(abi.encode(0, index, payee, amount))`, node `keccak256(abi.encode(1, left, leftSum, right,
/// rightSum))`; the first word keeps a node from passing as a leaf. Missing leaves are zero with sum zero.
library MerkleSum {
    uint256 private constant LEAF = 0;
    uint256 private constant NODE = 1;

    /// @notice The root and its sum that follow from one leaf and its siblings from the leaf up.
    /// @dev Sums are checked arithmetic: a proof that overflows reverts.
    function rootOf(
        uint256 index,
        address payee,
        uint256 amount,
        bytes32[] calldata siblings,
        uint256[] calldata sums
    ) internal pure returns (bytes32 root, uint256 sum) {
        root = keccak256(abi.encode(LEAF, index, payee, amount));
        sum = amount;
        for (uint256 i; i < siblings.length; ++i) {
            root =
                (index >> i) & 1 == 0
                    ? keccak256(abi.encode(NODE, root, sum, siblings[i], sums[i]))
                    : keccak256(abi.encode(NODE, siblings[i], sums[i], root, sum));
            sum += sums[i];
        }
    }
}
