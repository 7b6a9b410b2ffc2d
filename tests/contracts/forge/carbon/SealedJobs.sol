// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// @dev The ledger as far as certificates ask it: which epochs are final, and what stands under their `jobsRoot`.
contract SealedJobs {
    mapping(uint256 index => bytes32) private _roots;
    mapping(uint256 index => bool) public isFinal;

    function put(uint256 index, bytes32 jobsRoot, bool final_) external {
        (_roots[index], isFinal[index]) = (jobsRoot, final_);
    }

    function verifyJob(uint256 index, bytes32 leaf, bytes32[] calldata proof) external view returns (bool) {
        return MerkleProof.verifyCalldata(proof, _roots[index], leaf);
    }
}
