"""What a ticket does when its energy is sealed in the ledger, and when credits and a certificate come of it.

Each function is the step for one kind of change, called by `ticket.step` in those statuses only that its table allows.
"""

from __future__ import annotations

from dataclasses import replace

from backend.domain.certificate import certify
from backend.domain.credit_effects import IssueCredits
from backend.domain.ticket_changes import BaselineFixed, Certified, CreditIssued, Sealed
from backend.domain.ticket_record import SealedIn, Ticket
from backend.domain.ticket_step import Step


def sealed(ticket: Ticket, change: Sealed) -> Step:
    if ticket.epoch is not None:
        return ticket, ()
    within = replace(ticket, epoch=SealedIn(change.index, change.hash, change.tx))
    if ticket.baseline is None:
        return within, certify(within)
    return within, (IssueCredits(ticket.id, ticket.job_id, change.index), *certify(within))


def baseline_fixed(ticket: Ticket, change: BaselineFixed) -> Step:
    if ticket.baseline == change.fixed:
        return ticket, ()
    fixed = replace(ticket, baseline=change.fixed)
    if ticket.epoch is None:
        return fixed, ()
    return fixed, (IssueCredits(ticket.id, ticket.job_id, ticket.epoch.index),)


def credit_issued(ticket: Ticket, change: CreditIssued) -> Step:
    if change.credit in ticket.credits:
        return ticket, ()
    # Issued again by another transaction, after the chain took the first one back, it is still one credit.
    others = tuple(credit for credit in ticket.credits if credit.serial != change.credit.serial)
    return replace(ticket, credits=(*others, change.credit)), ()


def certified(ticket: Ticket, change: Certified) -> Step:
    return replace(ticket, certificate=change.record), ()
