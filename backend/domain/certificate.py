"""A job's green certificate: what bound is claimed for it, and what became of the claim. Plain values."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from backend.domain.effects import Certify
from backend.domain.ticket_record import Ticket
from fl_nodes.protocol.green import PER_MICROGRAM, Slots, slots
from fl_nodes.protocol.reading import LedgerReading

BUDGET = "budget"
BASELINE = "baseline"

_SALT_PURPOSE = b"ecodml/certificate-salt/1"
_SALT_BYTES = 31
"""So that a salt is an element of the field as it is."""


@dataclass(frozen=True)
class Bound:
    """µgCO2e that the job is said to stay under, and whose bound it is: BUDGET or BASELINE."""

    micrograms: int
    of: str


def certify(ticket: Ticket) -> tuple[Certify, ...]:
    """The effect by which a sealed job gets its certificate; none for one that was not settled or has nothing to stay under."""
    settled = ticket.verdict is not None and ticket.verdict.outcome == "settle"
    if not settled or bound_source(ticket) is None:
        return ()
    return (Certify(ticket.id, ticket.job_id),)


def bound_source(ticket: Ticket) -> str | None:
    """BUDGET where the customer set an energy budget, else BASELINE where the decision about the job knows one, else None."""
    if ticket.spec.energy_budget_joules:
        return BUDGET
    return BASELINE if ticket.decision and ticket.decision.baseline_micrograms else None


def bound(ticket: Ticket, readings: Sequence[LedgerReading], taken: Slots) -> Bound | None:
    """What the job is claimed to stay under; None where there is nothing.

    An energy budget in joules becomes micrograms at the job's own mean intensity, rounded up: to the microgram, the job stays under
    the one exactly when its energy from the grid stays under the other. The baseline is of one node's work in one round, so it
    counts as often as there was some.
    """
    source = bound_source(ticket)
    if source == BUDGET:
        budget_mj = (ticket.spec.energy_budget_joules or 0) * 1000
        used = sum(taken.millijoules)
        emitted = sum(e * f for e, f in zip(taken.millijoules, taken.mg_per_kwh, strict=True))
        return Bound(-(-budget_mj * emitted // (used * PER_MICROGRAM)) if used else 0, BUDGET)
    if source == BASELINE and ticket.decision is not None:
        worked = sum(reading.round > 0 for reading in readings)
        return Bound(ticket.decision.baseline_micrograms * worked, BASELINE)
    return None


def commitment(secret: bytes, job_id: str, readings: Iterable[LedgerReading]) -> tuple[str, str] | None:
    """The commitment to a job's readings and the salt that opens it, hex; None where no certificate can be about them."""
    taken = slots(readings)
    if taken is None:
        return None
    hidden = salt(secret, job_id)
    return taken.commitment_word(job_id, hidden), f"0x{hidden:062x}"


def salt(secret: bytes, job_id: str) -> int:
    """What hides a job's readings in their commitment: the server's secret decides it, so it need not be kept."""
    job = bytes.fromhex(job_id.removeprefix("0x"))
    digest = hmac.new(secret, _SALT_PURPOSE + job, hashlib.sha256).digest()
    return int.from_bytes(digest[:_SALT_BYTES])
