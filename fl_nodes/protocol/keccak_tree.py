"""Merkle trees as OpenZeppelin's `MerkleProof` verifies them: pairs are hashed in ascending order, an odd node is promoted."""

from __future__ import annotations

from collections.abc import Sequence

from fl_nodes.protocol.reading import Keccak

EMPTY = bytes(32)


def root(leaves: Sequence[bytes], keccak: Keccak) -> bytes:
    """The root over leaves in their order; 32 zero bytes for none."""
    level = list(leaves)
    if not level:
        return EMPTY
    while len(level) > 1:
        level = _parents(level, keccak)
    return level[0]


def proof(leaves: Sequence[bytes], index: int, keccak: Keccak) -> tuple[bytes, ...]:
    """Siblings of leaf `index` from the leaf up; IndexError where there is no such leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"leaf {index} of {len(leaves)}")
    level, path = list(leaves), []
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level, index = _parents(level, keccak), index // 2
    return tuple(path)


def stands_under(top: bytes, leaf: bytes, path: Sequence[bytes], keccak: Keccak) -> bool:
    """Whether `leaf` stands under the root `top` by its siblings `path`."""
    for sibling in path:
        leaf = _pair(leaf, sibling, keccak)
    return leaf == top


def _parents(level: list[bytes], keccak: Keccak) -> list[bytes]:
    pairs = [_pair(level[i], level[i + 1], keccak) for i in range(0, len(level) - 1, 2)]
    return pairs + level[-1:] if len(level) % 2 else pairs


def _pair(a: bytes, b: bytes, keccak: Keccak) -> bytes:
    return keccak(min(a, b) + max(a, b))
