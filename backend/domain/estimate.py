"""When a job's training should be over, from how long its closed rounds took."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from backend.domain.ticket_record import Status, Ticket

ONE_ROUND_FACTOR = 2.0
"""With one pace known, the others may be twice as fast or half as fast."""


@dataclass(frozen=True)
class Estimate:
    """Unix seconds: `finish_at` is when the last round should close, between `low` and `high`; `basis` says in words what that
    follows from.
    """

    finish_at: int
    low: int
    high: int
    basis: str


def estimate(ticket: Ticket) -> Estimate | None:
    """None before the first round is closed, and once none is left or nobody trains any more.

    The pace is from one closing to the next, for rounds overlap. The first is left out where there are others: in it the nodes
    make the program that trains. Nothing lies behind the deadline, for there training ends.
    """
    left = ticket.spec.rounds - len(ticket.rounds)
    closings = [r.closed_at for r in ticket.rounds]
    if ticket.status is not Status.RUNNING or ticket.started is None or left <= 0 or not all(closings):
        return None
    if not closings:
        return None
    paces = [
        max(0.0, after - before)
        for before, after in zip([float(ticket.started), *closings[:-1]], closings, strict=True)
    ]
    known = paces[1:] or paces
    middle, fastest, slowest = statistics.median(known), min(known), max(known)
    if len(known) == 1:
        fastest, slowest = middle / ONE_ROUND_FACTOR, middle * ONE_ROUND_FACTOR
    at, low, high = (
        min(round(closings[-1] + left * pace), ticket.deadline) for pace in (middle, fastest, slowest)
    )
    rounds = "round" if left == 1 else "rounds"
    said = f"{left} {rounds} left at {middle:.1f} s each ({fastest:.1f} to {slowest:.1f} s), as the closed ones took"
    return Estimate(at, low, high, f"{said}; the test, the verdict and the payment come after that.")
