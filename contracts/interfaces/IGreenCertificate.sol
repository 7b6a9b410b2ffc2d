// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {JobSummary} from "./IEnergyLedger.sol";
import {IGreenVerifier} from "./IGreenVerifier.sol";

/// @notice What was shown about a job; all zero for one that has no certificate.
/// @param bound What its emissions stay under, in microgrammes of CO2e.
/// @param epochIndex The ledger epoch its readings were sealed in.
/// @param size How many readings the circuit takes.
/// @param certifiedAt Seconds since 1970.
struct Certificate {
    uint64 bound;
    uint32 epochIndex;
    uint16 size;
    uint48 certifiedAt;
}

/// @title Green certificates
/// @notice Keeps, for a job, the lowest bound that a zero-knowledge proof showed its emissions to stay under: the readings that a
/// quorum signed into a final epoch of the energy ledger, times factors whose commitment is in the event.
/// @dev It proves arithmetic over signed readings, not honest metering. Nobody has a role here: a proof is valid or it is not.
///
/// Trust: the ledger's quorum for the readings and for the factors that its commitment holds; whoever made the verifiers' keys.
/// A proof can be changed into another valid one by anyone, which gains nothing: a bound is certified once.
interface IGreenCertificate {
    error GreenCertificate_WrongVerifier(uint256 size);
    error GreenCertificate_NotFinal(uint256 epochIndex);
    error GreenCertificate_NotInEpoch(bytes32 job, uint256 epochIndex);
    error GreenCertificate_NoCommitment(bytes32 job);
    error GreenCertificate_NotTighter(bytes32 job, uint256 bound, uint256 certified);
    error GreenCertificate_InvalidProof(bytes32 job);

    /// @param factors Poseidon commitment to the factors: whoever has the published factors can check it.
    event Certified(
        bytes32 indexed job,
        uint256 indexed epochIndex,
        uint256 bound,
        uint256 factors,
        uint256 size
    );

    /// @notice Keeps the certificate if the proof is valid. Anyone may; once for each bound, and only for lower ones than before.
    /// @param summary The job's leaf under the epoch's `jobsRoot`, `path` its proof.
    /// @param size Which circuit: 24 or 96 readings.
    /// @param proof See {IGreenVerifier}.
    function certify(
        JobSummary calldata summary,
        uint256 epochIndex,
        bytes32[] calldata path,
        uint64 bound,
        uint256 factors,
        uint256 size,
        uint256[8] calldata proof
    ) external;

    function certificateOf(bytes32 job) external view returns (Certificate memory);

    /// @notice The verifier for a circuit of that size.
    function verifierOf(uint256 size) external view returns (IGreenVerifier);
}
