"""What a ticket becomes where a chain takes back what it said: the record follows the chain, and what is owed is done again."""

from __future__ import annotations

from dataclasses import replace

from backend.domain.effects import Cancel, Fail
from backend.domain.ticket_changes import Assigned, Unfunded, Unrecorded, Unrefunded, Unsealed, Unsettled
from backend.domain.ticket_record import Refusal, S, Ticket
from backend.domain.ticket_step import Step, with_tx

BEFORE_WORK = frozenset({S.FUNDED, S.UPLOADED, S.QUEUED})
AT_WORK = (S.RUNNING, S.VERIFYING)
JUDGED = (S.SETTLING, S.FAILED)
EXITS = (S.INVALID, S.EXPIRED)


def unfunded(ticket: Ticket, _: Unfunded) -> Step:
    """Before its work it waits for another payment; later it ends with nothing owed."""
    unpaid = replace(ticket, transactions=())
    if ticket.status in BEFORE_WORK:
        return replace(unpaid, status=S.QUOTED, selected=(), attempt=ticket.attempt + 1), ()
    if ticket.status is S.QUOTED:
        return ticket, ()
    sentence = (
        "The chain took the payment back, and it was not made again: nothing was paid, and nothing is owed."
    )
    return replace(unpaid, status=S.EXPIRED, refusal=Refusal("payment.taken_back", sentence)), ()


def unsettled(ticket: Ticket, _: Unsettled) -> Step:
    """It is about to be settled again, unless the fee goes back first; without a verdict it stands where it stood."""
    if ticket.status is not S.SETTLED:
        return ticket, ()
    before = [moment.status for moment in ticket.timeline if moment.status is not S.SETTLED]
    status = S.SETTLING if ticket.verdict is not None or not before else before[-1]
    return replace(ticket, status=status, refusal=None), ()


def unrefunded(ticket: Ticket, _: Unrefunded) -> Step:
    """It is about to be refunded again: also where the customer did it before, alone."""
    open_again = replace(ticket, refund_wei=None)
    if ticket.verdict is not None and ticket.verdict.outcome == "fail":
        return replace(open_again, status=S.FAILED), (Fail(ticket.id, ticket.job_id),)
    exits = [moment.status for moment in ticket.timeline if moment.status in EXITS]
    # Reclaims at the deadline what can no longer be cancelled.
    return replace(open_again, status=exits[-1] if exits else S.EXPIRED), (Cancel(ticket.id, ticket.job_id),)


def drawn_anew(ticket: Ticket, change: Assigned) -> Step:
    """Whom the chain names now must judge: what others signed it does not take."""
    told = with_tx(ticket, change.tx)
    if ticket.status not in (*AT_WORK, *JUDGED):
        return ticket, ()
    if not ticket.validators or set(change.validators) == set(ticket.validators):
        return told, ()
    told = replace(told, validators=change.validators)
    if ticket.status in AT_WORK:
        return told, ()
    worked = [moment.status for moment in ticket.timeline if moment.status in AT_WORK]
    return replace(told, status=worked[-1] if worked else S.RUNNING, verdict=None, refusal=None), ()


def unsealed(ticket: Ticket, _: Unsealed) -> Step:
    """It waits for another epoch."""
    return replace(ticket, epoch=None), ()


def unrecorded(ticket: Ticket, change: Unrecorded) -> Step:
    """What these transactions brought is no longer its own."""
    gone = change.transactions
    fixed, certified = ticket.baseline, ticket.certificate
    return replace(
        ticket,
        baseline=None if fixed is not None and fixed.tx in gone else fixed,
        certificate=None if certified is not None and certified.tx in gone else certified,
        credits=tuple(credit for credit in ticket.credits if credit.tx not in gone),
    ), ()
