"""What somebody should look at: tickets that do not move, and what that means for their customers. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backend.domain.ticket import ENDED, HOLDS_FEE, Status, Ticket

PATIENCE_SECONDS = {
    Status.UPLOADED: 120.0,
    Status.QUEUED: 600.0,
    Status.VERIFYING: 600.0,
    Status.SETTLING: 120.0,
    Status.INVALID: 120.0,
    Status.FAILED: 120.0,
    Status.EXPIRED: 120.0,
    Status.REFUNDING: 120.0,
}
"""How long a ticket may stay where only our own parts have to act. The customer acts in QUOTED and FUNDED, the arbiter in DISPUTED;
a running job is bounded by its deadline."""
DEADLINE_GRACE_SECONDS = 120.0
"""After its deadline a fee should be on its way back within this time."""


@dataclass(frozen=True)
class Stuck:
    """A ticket that does not move: since when (Unix seconds), for how long, and why that is too long."""

    ticket_id: str
    job_id: str
    status: str
    since: float
    seconds: float
    why: str


def since(ticket: Ticket) -> float:
    """When the ticket came to its status (Unix seconds)."""
    return ticket.timeline[-1].at if ticket.timeline else 0.0


def stuck(tickets: Iterable[Ticket], at: float) -> list[Stuck]:
    """Those of the tickets that should have moved by `at` (Unix seconds), the longest waiting first."""
    found = []
    for ticket in tickets:
        why = _why(ticket, at)
        if why is not None:
            began = since(ticket)
            found.append(Stuck(ticket.id, ticket.job_id, ticket.status.value, began, at - began, why))
    return sorted(found, key=lambda one: one.since)


def _why(ticket: Ticket, at: float) -> str | None:
    if ticket.status in ENDED:
        return None
    if ticket.decision and ticket.decision.waits and at < ticket.decision.start_at:
        return None
    if ticket.status in HOLDS_FEE and at > ticket.deadline + DEADLINE_GRACE_SECONDS:
        return (
            "Its deadline has passed and the fee is not on its way back; the customer can reclaim it alone."
        )
    patience = PATIENCE_SECONDS.get(ticket.status)
    if patience is not None and at - since(ticket) > patience:
        return f"It is {ticket.status.value} for more than {patience:.0f} s."
    return None
