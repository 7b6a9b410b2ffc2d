// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {JobSummary, LedgerEpoch, Member, Proposal} from "../interfaces/IEnergyLedger.sol";

/// @title What is sealed and signed in the energy ledger
/// @notice EIP-712 struct hashes, and what follows from the list of an epoch's jobs.
library Epochs {
    using SafeCast for uint256;

    bytes32 internal constant EPOCH_TYPEHASH = keccak256(
        "LedgerEpoch(uint256 index,uint256 checkpoint,bytes32 prevHash,bytes32 readingsRoot,bytes32 claimsRoot,bytes32 jobsRoot,bytes32 ratingRoot,uint256 readings,uint256 millijoules,uint256 micrograms)"
    );
    bytes32 internal constant CHECKPOINT_TYPEHASH = keccak256(
        "StakeCheckpoint(uint256 id,uint256 marketBlock,bytes32 marketHash,bytes32 membersHash)"
    );

    /// @notice The epoch that a proposal and its jobs make, without proposer and time.
    function made(
        Proposal calldata p,
        JobSummary[] calldata jobs
    ) internal pure returns (LedgerEpoch memory e) {
        uint256 readings;
        uint256 millijoules;
        uint256 micrograms;
        bytes32[] memory leaves = new bytes32[](jobs.length);
        for (uint256 i; i < jobs.length; ++i) {
            leaves[i] = leaf(jobs[i]);
            readings += jobs[i].readings;
            millijoules += jobs[i].millijoules;
            micrograms += jobs[i].micrograms;
        }
        e.prevHash = p.prevHash;
        e.readingsRoot = p.readingsRoot;
        e.claimsRoot = p.claimsRoot;
        e.jobsRoot = root(leaves);
        e.ratingRoot = p.ratingRoot;
        e.index = p.index.toUint32();
        e.checkpoint = p.checkpoint.toUint32();
        e.readings = readings.toUint32();
        e.millijoules = millijoules.toUint80();
        e.micrograms = micrograms.toUint80();
    }

    /// @notice EIP-712 struct hash of what members sign about an epoch.
    function hash(LedgerEpoch memory e) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    EPOCH_TYPEHASH,
                    e.index,
                    e.checkpoint,
                    e.prevHash,
                    e.readingsRoot,
                    e.claimsRoot,
                    e.jobsRoot,
                    e.ratingRoot,
                    e.readings,
                    e.millijoules,
                    e.micrograms
                )
            );
    }

    function hash(Member[] calldata members) internal pure returns (bytes32) {
        return keccak256(abi.encode(members));
    }

    function leaf(JobSummary calldata summary) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(summary))));
    }

    /// @notice Root over leaves in their order, which are overwritten: pairs are hashed in ascending order, an odd one out is
    /// promoted; zero for none.
    function root(bytes32[] memory level) internal pure returns (bytes32) {
        if (level.length == 0) return 0;
        uint256 size = level.length;
        while (size > 1) {
            uint256 pairs = size / 2;
            for (uint256 i; i < pairs; ++i) {
                level[i] = Hashes.commutativeKeccak256(level[2 * i], level[2 * i + 1]);
            }
            if (size % 2 == 1) level[pairs] = level[size - 1];
            size = pairs + (size % 2);
        }
        return level[0];
    }
}
