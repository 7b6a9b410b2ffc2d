// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @notice A Groth16 verifying key over bn128 for three public inputs, with gamma the generator of G2. Points of G2 have the
/// imaginary part of a coordinate first, as the precompile takes them.
struct VerifyingKey {
    uint256[2] alpha;
    uint256[4] beta;
    uint256[4] delta;
    uint256[2][4] inputs;
}

/// @title Verifier of green proofs
/// @notice Says whether a proof shows that the readings behind `commitment`, times the factors behind `factors`, stay under `bound`.
/// @dev Trust: whoever made the key. A proof can be forged by who kept the secrets that the key was made from.
interface IGreenVerifier {
    /// @notice How many readings the circuit takes.
    function size() external view returns (uint256);

    /// @notice `keccak256(abi.encode(key))`: which set-up the key comes from.
    function keyHash() external view returns (bytes32);

    /// @notice False for a wrong proof, for values outside the field, and where there is not enough gas: require the result.
    /// @param proof The points A, B and C in a row, coordinates as in {VerifyingKey}.
    function verify(
        uint256 bound,
        uint256 commitment,
        uint256 factors,
        uint256[8] calldata proof
    ) external view returns (bool);
}
