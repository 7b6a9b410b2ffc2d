"""Canonical JSON and Merkle trees."""

import hashlib

import pytest

from fl_nodes.protocol.hashing import (
    canonical_json,
    merkle_proof,
    merkle_root,
    merkle_verify,
    merkle_verify_at,
)

LEAVES = [hashlib.sha256(bytes([i])).hexdigest() for i in range(7)]


def test_canonical_json__other_order__gives_the_same_bytes() -> None:
    assert canonical_json({"b": 1, "a": ["ä", None]}) == canonical_json({"a": ["ä", None], "b": 1})
    assert canonical_json({"b": 1, "a": "ä"}) == '{"a":"ä","b":1}'.encode()


def test_canonical_json__not_finite__is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical_json({"x": float("nan")})


def test_merkle_root__known_trees__follow_rfc_6962_hashing() -> None:
    leaf = [hashlib.sha256(b"\x00" + bytes.fromhex(x)).digest() for x in LEAVES[:3]]
    pair = hashlib.sha256(b"\x01" + leaf[0] + leaf[1]).digest()
    assert merkle_root([]) == "0" * 64
    assert merkle_root(LEAVES[:1]) == leaf[0].hex()
    assert merkle_root(LEAVES[:3]) == hashlib.sha256(b"\x01" + pair + leaf[2]).hexdigest()


def test_merkle_verify__inner_node_as_leaf__is_refused() -> None:
    left = hashlib.sha256(b"\x00" + bytes.fromhex(LEAVES[0])).digest()
    right = hashlib.sha256(b"\x00" + bytes.fromhex(LEAVES[1])).digest()
    inner = hashlib.sha256(b"\x01" + left + right).hexdigest()
    path = merkle_proof(LEAVES[:4], 0)[1:]
    assert not merkle_verify(merkle_root(LEAVES[:4]), inner, path)


def test_merkle_verify_at__leaf_of_another_place__is_refused() -> None:
    root = merkle_root(LEAVES)
    path = merkle_proof(LEAVES, 2)
    assert merkle_verify_at(root, LEAVES[2], path, 2, 7)
    assert merkle_verify(root, LEAVES[2], path)
    assert not any(merkle_verify_at(root, LEAVES[2], path, i, 7) for i in range(-1, 8) if i != 2)


@pytest.mark.parametrize("path", [("X" + "00" * 32,), ("L",), ("Lzz",), ("",)])
def test_merkle_verify__malformed_path__is_false(path: tuple[str, ...]) -> None:
    assert not merkle_verify(merkle_root(LEAVES), LEAVES[0], path)
    assert not merkle_verify_at(merkle_root(LEAVES), LEAVES[0], path, 0, 7)
