// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MerkleSum} from "../../../../contracts/libraries/MerkleSum.sol";

/// @dev The library reads calldata, so somebody has to call.
contract MerkleSumCalls {
    function rootOf(
        uint256 index,
        address payee,
        uint256 amount,
        bytes32[] calldata siblings,
        uint256[] calldata sums
    ) external pure returns (bytes32 root, uint256 sum) {
        return MerkleSum.rootOf(index, payee, amount, siblings, sums);
    }
}
