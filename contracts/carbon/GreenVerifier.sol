// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IGreenVerifier, VerifyingKey} from "../interfaces/IGreenVerifier.sol";

/// @title GreenVerifier
/// @notice A Groth16 verifier whose key is fixed at deployment. See {IGreenVerifier}.
/// @dev Groth, "On the Size of Pairing-based Non-interactive Arguments", EUROCRYPT 2016. Each set-up has a key of its own, so the
/// key is not written into the source; as immutables it costs no storage reads.
contract GreenVerifier is IGreenVerifier {
    /// @dev Order of bn128's groups, and of the field their coordinates are in.
    uint256 private constant R =
        21888242871839275222246405745257275088548364400416034343698204186575808495617;
    uint256 private constant Q =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    /// @dev The generator of G2.
    uint256 private constant GAMMA_X1 =
        11559732032986387107991004021392285783925812861821192530917403151452391805634;
    uint256 private constant GAMMA_X0 =
        10857046999023057135944570762232829481370756359578518086990519993285655852781;
    uint256 private constant GAMMA_Y1 =
        4082367875863433681332203403145435568316851327593401208105741076214120093531;
    uint256 private constant GAMMA_Y0 =
        8495653923123431417604973247489272438418190587263600148770280649306958101930;

    /// @dev Addresses of the precompiles.
    uint256 private constant EC_ADD = 6;
    uint256 private constant EC_MUL = 7;
    uint256 private constant PAIRING = 8;

    uint256 public immutable size;
    bytes32 public immutable keyHash;

    uint256 private immutable _alphaX;
    uint256 private immutable _alphaY;
    uint256 private immutable _betaX1;
    uint256 private immutable _betaX0;
    uint256 private immutable _betaY1;
    uint256 private immutable _betaY0;
    uint256 private immutable _deltaX1;
    uint256 private immutable _deltaX0;
    uint256 private immutable _deltaY1;
    uint256 private immutable _deltaY0;
    uint256 private immutable _oneX;
    uint256 private immutable _oneY;
    uint256 private immutable _boundX;
    uint256 private immutable _boundY;
    uint256 private immutable _commitmentX;
    uint256 private immutable _commitmentY;
    uint256 private immutable _factorsX;
    uint256 private immutable _factorsY;

    constructor(uint256 size_, VerifyingKey memory key) {
        size = size_;
        keyHash = keccak256(abi.encode(key));
        (_alphaX, _alphaY) = (key.alpha[0], key.alpha[1]);
        (_betaX1, _betaX0, _betaY1, _betaY0) = (key.beta[0], key.beta[1], key.beta[2], key.beta[3]);
        (_deltaX1, _deltaX0, _deltaY1, _deltaY0) = (key.delta[0], key.delta[1], key.delta[2], key.delta[3]);
        (_oneX, _oneY) = (key.inputs[0][0], key.inputs[0][1]);
        (_boundX, _boundY) = (key.inputs[1][0], key.inputs[1][1]);
        (_commitmentX, _commitmentY) = (key.inputs[2][0], key.inputs[2][1]);
        (_factorsX, _factorsY) = (key.inputs[3][0], key.inputs[3][1]);
    }

    /// @inheritdoc IGreenVerifier
    /// @dev e(-A, B) e(alpha, beta) e(inputs, gamma) e(C, delta) = 1. The precompiles refuse points off the curve; a scalar beyond
    /// the order would stand for a second value, so it is refused here.
    function verify(
        uint256 bound,
        uint256 commitment,
        uint256 factors,
        uint256[8] calldata proof
    ) external view returns (bool) {
        if (bound >= R || commitment >= R || factors >= R || proof[1] >= Q) return false;

        bool ok = true;
        uint256[24] memory terms;
        uint256[2] memory inputs = [_oneX, _oneY];
        ok = _addMultiple(inputs, _boundX, _boundY, bound) && ok;
        ok = _addMultiple(inputs, _commitmentX, _commitmentY, commitment) && ok;
        ok = _addMultiple(inputs, _factorsX, _factorsY, factors) && ok;

        (terms[0], terms[1]) = (proof[0], proof[1] == 0 ? 0 : Q - proof[1]);
        (terms[2], terms[3], terms[4], terms[5]) = (proof[2], proof[3], proof[4], proof[5]);
        (terms[6], terms[7]) = (_alphaX, _alphaY);
        (terms[8], terms[9], terms[10], terms[11]) = (_betaX1, _betaX0, _betaY1, _betaY0);
        (terms[12], terms[13]) = (inputs[0], inputs[1]);
        (terms[14], terms[15], terms[16], terms[17]) = (GAMMA_X1, GAMMA_X0, GAMMA_Y1, GAMMA_Y0);
        (terms[18], terms[19]) = (proof[6], proof[7]);
        (terms[20], terms[21], terms[22], terms[23]) = (_deltaX1, _deltaX0, _deltaY1, _deltaY0);
        return ok && _isOne(terms);
    }

    /// @dev `sum += scalar x (x, y)`; false where a precompile refuses.
    function _addMultiple(
        uint256[2] memory sum,
        uint256 x,
        uint256 y,
        uint256 scalar
    ) private view returns (bool ok) {
        // Assembly: the precompiles take and give bare words, and each copy through `bytes` would cost more than it does.
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, x)
            mstore(add(words, 0x20), y)
            mstore(add(words, 0x40), scalar)
            ok := staticcall(gas(), EC_MUL, words, 0x60, words, 0x40)
            mstore(add(words, 0x40), mload(sum))
            mstore(add(words, 0x60), mload(add(sum, 0x20)))
            ok := and(ok, staticcall(gas(), EC_ADD, words, 0x80, sum, 0x40))
        }
    }

    function _isOne(uint256[24] memory terms) private view returns (bool ok) {
        assembly ("memory-safe") {
            ok := staticcall(gas(), PAIRING, terms, 0x300, 0x00, 0x20)
            ok := and(ok, eq(mload(0x00), 1))
        }
    }
}
