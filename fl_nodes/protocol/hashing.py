"""Canonical JSON, SHA-256 and Merkle trees: every hash that crosses the wire or reaches a chain is made here.

Trees follow RFC 6962's domain separation (0x00 before leaves, 0x01 before nodes), so that an inner node can never be
presented as a leaf; an odd node is promoted unchanged.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from fl_nodes.protocol.wire import to_wire


def canonical_json(value: Any) -> bytes:
    """UTF-8 JSON with sorted keys and no spaces (the subset of RFC 8785 that integers, strings and lists need)."""
    return json.dumps(
        to_wire(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def sha256_hex(data: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def digest(value: Any) -> str:
    """SHA-256 of a value's canonical JSON, as hex."""
    return sha256_hex(canonical_json(value))


def derive_seed(*parts: object) -> int:
    """A 31-bit seed from any parts, equal on every machine."""
    return int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:4], "big") & 0x7FFFFFFF


def _leaf(item: str) -> bytes:
    return hashlib.sha256(b"\x00" + bytes.fromhex(item)).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def merkle_root(leaves: Sequence[str]) -> str:
    """Root over hex leaves; 64 zeros for none."""
    level = [_leaf(item) for item in leaves]
    if not level:
        return "0" * 64
    while len(level) > 1:
        level = _parents(level)
    return level[0].hex()


def _parents(level: list[bytes]) -> list[bytes]:
    pairs = [_node(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
    return pairs + level[-1:] if len(level) % 2 else pairs


def merkle_proof(leaves: Sequence[str], index: int) -> tuple[str, ...]:
    """Siblings from leaf to root, each prefixed by its side (`L` or `R`), as `merkle_verify` takes them."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    level = [_leaf(item) for item in leaves]
    path: list[str] = []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(("L" if sibling < index else "R") + level[sibling].hex())
        level, index = _parents(level), index // 2
    return tuple(path)


def merkle_verify(root: str, leaf: str, path: Sequence[str]) -> bool:
    """Whether `leaf` stands under `root` by `path`; malformed input is simply false."""
    try:
        current = _leaf(leaf)
        for step in path:
            sibling = bytes.fromhex(step[1:])
            current = _node(sibling, current) if step[0] == "L" else _node(current, sibling)
    except (ValueError, IndexError):
        return False
    return current.hex() == root


def merkle_verify_at(root: str, leaf: str, path: Sequence[str], index: int, count: int) -> bool:
    """Whether `leaf` is leaf number `index` of the `count` under `root`: the path's sides say where it stands.

    Membership alone would let a trainer pass off any checkpoint as any other.
    """
    if not 0 <= index < count:
        return False
    sides = []
    while count > 1:
        sibling = index ^ 1
        if sibling < count:
            sides.append("L" if sibling < index else "R")
        index, count = index // 2, (count + 1) // 2
    return [step[:1] for step in path] == sides and merkle_verify(root, leaf, path)
