"""The escrow's words for where a job stands, in the contract's order.

A job is Drawing from the choice of its trainers until its validators are drawn.
"""

from __future__ import annotations

from collections.abc import Iterable

NONE, OPEN, DRAWING, ASSIGNED, SETTLED, FAILED, CANCELLED, RECLAIMED = STATUSES = (
    "None",
    "Open",
    "Drawing",
    "Assigned",
    "Settled",
    "Failed",
    "Cancelled",
    "Reclaimed",
)
ENDED = frozenset({SETTLED, FAILED, CANCELLED, RECLAIMED})
REFUNDED = ENDED - {SETTLED}
HOLDING = frozenset({OPEN, DRAWING, ASSIGNED})
"""The fee is in the escrow."""


def ascending(addresses: Iterable[str]) -> tuple[str, ...]:
    """Addresses in the order in which the escrow takes them: as numbers."""
    return tuple(sorted(addresses, key=lambda address: int(address, 16)))
