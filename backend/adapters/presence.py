"""What a node says of itself, checked before a store keeps it; the rest of a `Node` is the chain's to say."""

from __future__ import annotations

import dataclasses
from typing import Any

from backend.adapters import records
from backend.domain.node import Node
from backend.domain.rating import Baseline
from backend.errors import Invalid
from fl_nodes.protocol.wire import WireError, from_wire, to_wire

SAID = frozenset({"role", "hardware", "framework", "environment", "zone", "forecast", "energy"})
PRESENCE = SAID | {"online", "last_seen", "baseline", "rest_until"}


def mirrored(known: Node | None, chain: Node) -> Node:
    """The chain's word joined with the presence known so far."""
    kept = {name: getattr(known, name) for name in PRESENCE} if known else {}
    return _checked(dataclasses.replace(chain, **kept))


def seen(known: Node, at: float, presence: dict[str, Any] | None) -> Node:
    """The node online at `at`; Invalid `node.presence` for a field not its to say or of the wrong type."""
    said = presence or {}
    foreign = sorted(str(name) for name in said if name not in SAID)
    if foreign:
        raise Invalid("node.presence", f"A node does not say {foreign[0]!r} of itself.")
    return _checked(dataclasses.replace(known, **said, online=True, last_seen=max(known.last_seen, at)))


def gone(known: Node, at: float) -> Node:
    """The node offline, unless it was seen after `at`."""
    return known if known.last_seen > at else dataclasses.replace(known, online=False, last_seen=at)


def rated(known: Node, baseline: Baseline) -> Node:
    """The node with what the rater knows of it."""
    return _checked(dataclasses.replace(known, baseline=baseline))


def may_rest(known: Node, until: float) -> Node:
    """The node with the time until which nobody is expected to need it."""
    return dataclasses.replace(known, rest_until=until)


def _checked(node: Node) -> Node:
    try:
        records.pack(node)
        return from_wire(Node, to_wire(node))
    except WireError as error:
        raise Invalid("node.presence", f"What the node says of itself cannot be kept: {error}.") from error
