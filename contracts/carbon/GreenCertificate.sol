// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IEnergyLedger, JobSummary} from "../interfaces/IEnergyLedger.sol";
import {Certificate, IGreenCertificate} from "../interfaces/IGreenCertificate.sol";
import {IGreenVerifier} from "../interfaces/IGreenVerifier.sol";

/// @title GreenCertificate
/// @notice What was proven about jobs' emissions. See {IGreenCertificate}.
contract GreenCertificate is IGreenCertificate {
    uint256 private constant SMALL = 24;
    uint256 private constant LARGE = 96;

    IEnergyLedger public immutable ledger;
    IGreenVerifier private immutable _small;
    IGreenVerifier private immutable _large;

    mapping(bytes32 job => Certificate) private _certificates;

    constructor(IEnergyLedger ledger_, IGreenVerifier small, IGreenVerifier large) {
        if (small.size() != SMALL) revert GreenCertificate_WrongVerifier(small.size());
        if (large.size() != LARGE) revert GreenCertificate_WrongVerifier(large.size());
        (ledger, _small, _large) = (ledger_, small, large);
    }

    /// @inheritdoc IGreenCertificate
    function certify(
        JobSummary calldata summary,
        uint256 epochIndex,
        bytes32[] calldata path,
        uint64 bound,
        uint256 factors,
        uint256 size,
        uint256[8] calldata proof
    ) external {
        _requireSealed(summary, epochIndex, path);
        Certificate memory certified = _certificates[summary.job];
        if (certified.certifiedAt != 0 && bound >= certified.bound) {
            revert GreenCertificate_NotTighter(summary.job, bound, certified.bound);
        }
        // The verifier says false, and does not revert, where it ran out of gas: the result decides.
        if (!verifierOf(size).verify(bound, uint256(summary.commitment), factors, proof)) {
            revert GreenCertificate_InvalidProof(summary.job);
        }

        // An epoch's index is 32 bits in the ledger, a size is one of two.
        _certificates[summary.job] = Certificate(
            bound,
            uint32(epochIndex),
            uint16(size),
            uint48(block.timestamp)
        );
        emit Certified(summary.job, epochIndex, bound, factors, size);
    }

    /// @inheritdoc IGreenCertificate
    function certificateOf(bytes32 job) external view returns (Certificate memory) {
        return _certificates[job];
    }

    /// @inheritdoc IGreenCertificate
    function verifierOf(uint256 size) public view returns (IGreenVerifier) {
        if (size == SMALL) return _small;
        if (size == LARGE) return _large;
        revert GreenCertificate_WrongVerifier(size);
    }

    /// @dev The summary is what a quorum signed, nobody can challenge it any more, and it commits to its readings.
    function _requireSealed(
        JobSummary calldata summary,
        uint256 epochIndex,
        bytes32[] calldata path
    ) private view {
        if (!ledger.isFinal(epochIndex)) revert GreenCertificate_NotFinal(epochIndex);
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(summary))));
        if (!ledger.verifyJob(epochIndex, leaf, path)) {
            revert GreenCertificate_NotInEpoch(summary.job, epochIndex);
        }
        if (summary.commitment == 0) revert GreenCertificate_NoCommitment(summary.job);
    }
}
