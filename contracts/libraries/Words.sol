// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Hashes of lists
/// @notice `keccak256(abi.encodePacked(list))`, which EIP-712 asks of arrays, straight from the calldata.
library Words {
    function hash(address[] calldata list) internal pure returns (bytes32 digest) {
        // Solidity's scratch memory past the free pointer needs no reservation: nothing allocates before it is hashed.
        assembly ("memory-safe") {
            let start := mload(0x40)
            let size := shl(5, list.length)
            calldatacopy(start, list.offset, size)
            digest := keccak256(start, size)
        }
    }

    function hash(uint256[] calldata list) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let start := mload(0x40)
            let size := shl(5, list.length)
            calldatacopy(start, list.offset, size)
            digest := keccak256(start, size)
        }
    }

    function hash(bytes32[] calldata list) internal pure returns (bytes32 digest) {
        assembly ("memory-safe") {
            let start := mload(0x40)
            let size := shl(5, list.length)
            calldatacopy(start, list.offset, size)
            digest := keccak256(start, size)
        }
    }
}
