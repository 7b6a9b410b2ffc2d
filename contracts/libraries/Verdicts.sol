// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {FailVerdict, PayoutVerdict, SettleVerdict} from "../interfaces/IJobEscrow.sol";
import {Words} from "./Words.sol";

/// @title What validators sign about a job
/// @notice EIP-712 struct hashes of the three verdicts and the count of the signatures on one.
library Verdicts {
    using Words for address[];
    using Words for bytes32[];
    using Words for uint256[];

    /// @notice A signature does not recover to the key of one of the job's validators.
    error Verdicts_UnknownSigner(address signer);

    bytes32 internal constant SETTLE_TYPEHASH = keccak256(
        "SettleVerdict(bytes32 jobId,bytes32 resultHash,bytes32 evidenceHash,address[] payees,uint256[] amounts,bytes32[] scores)"
    );
    bytes32 internal constant PAYOUT_TYPEHASH = keccak256(
        "PayoutVerdict(bytes32 jobId,bytes32 resultHash,bytes32 evidenceHash,bytes32 payoutRoot,uint256 payees)"
    );
    bytes32 internal constant FAIL_TYPEHASH = keccak256(
        "FailVerdict(bytes32 jobId,bytes32 evidenceHash,address[] culprits)"
    );

    function hash(SettleVerdict calldata v) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    SETTLE_TYPEHASH,
                    v.jobId,
                    v.resultHash,
                    v.evidenceHash,
                    v.payees.hash(),
                    v.amounts.hash(),
                    v.scores.hash()
                )
            );
    }

    function hash(PayoutVerdict calldata v) internal pure returns (bytes32) {
        return keccak256(abi.encode(PAYOUT_TYPEHASH, v));
    }

    function hash(FailVerdict calldata v) internal pure returns (bytes32) {
        return keccak256(abi.encode(FAIL_TYPEHASH, v.jobId, v.evidenceHash, v.culprits.hash()));
    }

    /// @notice How many different keys of `keys` signed `digest`. The same key counts once.
    function countSigners(
        bytes32 digest,
        bytes[] calldata signatures,
        address[] calldata keys
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

    function _indexOf(address[] calldata keys, address signer) private pure returns (uint256 index) {
        for (; index < keys.length; ++index) if (keys[index] == signer) return index;
        revert Verdicts_UnknownSigner(signer);
    }
}
