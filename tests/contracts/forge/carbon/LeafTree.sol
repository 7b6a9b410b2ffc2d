// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @dev Trees as the ledger's roots are made: pairs in ascending order, an odd one out is promoted.
library LeafTree {
    function root(bytes32[] memory leaves) internal pure returns (bytes32) {
        while (leaves.length > 1) leaves = _parents(leaves);
        return leaves[0];
    }

    function proof(bytes32[] memory leaves, uint256 at) internal pure returns (bytes32[] memory made) {
        made = new bytes32[](0);
        while (leaves.length > 1) {
            if ((at ^ 1) < leaves.length) made = _with(made, leaves[at ^ 1]);
            leaves = _parents(leaves);
            at /= 2;
        }
    }

    function _parents(bytes32[] memory level) private pure returns (bytes32[] memory made) {
        made = new bytes32[]((level.length + 1) / 2);
        for (uint256 i; i < made.length; ++i) {
            bytes32 a = level[2 * i];
            if (2 * i + 1 == level.length) {
                made[i] = a;
                continue;
            }
            bytes32 b = level[2 * i + 1];
            made[i] = a < b ? keccak256(abi.encode(a, b)) : keccak256(abi.encode(b, a));
        }
    }

    function _with(bytes32[] memory all, bytes32 one) private pure returns (bytes32[] memory made) {
        made = new bytes32[](all.length + 1);
        for (uint256 i; i < all.length; ++i) made[i] = all[i];
        made[all.length] = one;
    }
}
