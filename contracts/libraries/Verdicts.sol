// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {FailVerdict, SettleVerdict} from "../interfaces/IJobEscrow.sol";

/// @title What validators sign about a job
/// @notice EIP-712 struct hashes of the two verdicts and the count of the signatures on one.
library Verdicts {
    /// @notice A signature does not recover to the key of one of the job's validators.
    error Verdicts_UnknownSigner(address signer);

    bytes32 internal constant SETTLE_TYPEHASH = keccak256(
        "SettleVerdict(bytes32 jobId,bytes32 resultHash,bytes32 scoresHash,address[] payees,uint256[] amounts)"
    );
    bytes32 internal constant FAIL_TYPEHASH = keccak256(
        "FailVerdict(bytes32 jobId,bytes32 evidenceHash,bytes32 scoresHash,address[] culprits)"
    );

    function hash(SettleVerdict calldata v) internal pure returns (bytes32) {
        // encodePacked pads the elements of an array to 32 bytes, which is what EIP-712 asks of arrays.
        return
            keccak256(
                abi.encode(
                    SETTLE_TYPEHASH,
                    v.jobId,
                    v.resultHash,
                    v.scoresHash,
                    keccak256(abi.encodePacked(v.payees)),
                    keccak256(abi.encodePacked(v.amounts))
                )
            );
    }

    function hash(FailVerdict calldata v) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    FAIL_TYPEHASH,
                    v.jobId,
                    v.evidenceHash,
                    v.scoresHash,
                    keccak256(abi.encodePacked(v.culprits))
                )
            );
    }

    /// @notice How many different keys of `keys` signed `digest`. The same key counts once.
    function countSigners(
        bytes32 digest,
        bytes[] calldata signatures,
        address[] memory keys
    ) internal pure returns (uint256 count) {
        uint256 seen;
        for (uint256 i; i < signatures.length; ++i) {
            // A malformed signature recovers to the zero address, which is never a key.
            (address signer, , ) = ECDSA.tryRecover(digest, signatures[i]);
            uint256 bit = 1 << _indexOf(keys, signer);
            if (seen & bit == 0) {
                seen |= bit;
                ++count;
            }
        }
    }

    function _indexOf(address[] memory keys, address signer) private pure returns (uint256 index) {
        for (; index < keys.length; ++index) if (keys[index] == signer) return index;
        revert Verdicts_UnknownSigner(signer);
    }
}
