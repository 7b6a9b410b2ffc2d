"""The escrow's words for where a job stands, in the contract's order."""

from __future__ import annotations

NONE, OPEN, ASSIGNED, SETTLED, FAILED, CANCELLED, RECLAIMED = STATUSES = (
    "None",
    "Open",
    "Assigned",
    "Settled",
    "Failed",
    "Cancelled",
    "Reclaimed",
)
ENDED = frozenset({SETTLED, FAILED, CANCELLED, RECLAIMED})
REFUNDED = ENDED - {SETTLED}
HOLDING = frozenset({OPEN, ASSIGNED})
"""The fee is in the escrow."""
