"""Ties are broken by a hash that no node can steer."""

from __future__ import annotations

from fl_nodes.protocol.hashing import derive_seed


def tie(seed: int, node: str) -> int:
    """A node's place among equals."""
    return derive_seed(seed, node)
