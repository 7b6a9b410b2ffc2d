"""What a ticket does from its quote until its nodes are assigned.

Each function is the step for one kind of change, called by `ticket.step` in those statuses only that its table allows.
"""

from __future__ import annotations

from dataclasses import replace

from backend.domain.credit_effects import FixBaseline, baseline_of
from backend.domain.effects import Assign, Cancel, MailKind, Reclaim, SendMail
from backend.domain.taken_back import drawn_anew
from backend.domain.ticket_changes import (
    Accepted,
    Assigned,
    Deferred,
    Expired,
    Funded,
    Refused,
    Selected,
    Uploaded,
)
from backend.domain.ticket_record import Refusal, S, Ticket
from backend.domain.ticket_step import Step, refund, with_tx


def funded(ticket: Ticket, change: Funded) -> Step:
    never_paid = not ticket.transactions
    paid = with_tx(replace(ticket, deadline=change.deadline), change.tx)
    if ticket.status in (S.INVALID, S.EXPIRED) and never_paid:
        return paid, (Cancel(ticket.id, ticket.job_id),)
    if ticket.status is not S.QUOTED:
        return ticket, ()
    if change.fee_wei < ticket.quote.fee_wei:
        sentence = (
            f"The job was opened with {change.fee_wei} wei, less than the quoted {ticket.quote.fee_wei} wei."
        )
        refused = replace(paid, refusal=Refusal("payment.too_low", sentence))
        return refund(refused, S.INVALID, Cancel(ticket.id, ticket.job_id))
    # A payment that the chain took back and gave again finds its dataset where it was.
    status = S.UPLOADED if ticket.dataset_key else S.FUNDED
    return replace(paid, status=status), (SendMail(ticket.id, MailKind.FUNDED),)


def uploaded(ticket: Ticket, change: Uploaded) -> Step:
    if ticket.status is not S.FUNDED:
        return ticket, ()
    return replace(ticket, status=S.UPLOADED, dataset_key=change.key), ()


def accepted(ticket: Ticket, change: Accepted) -> Step:
    if ticket.status is not S.UPLOADED:
        return ticket, ()
    return replace(ticket, status=S.QUEUED, dataset=change.dataset), ()


def refused(ticket: Ticket, change: Refused) -> Step:
    refusal = Refusal(change.code, change.message)
    if ticket.status is S.QUOTED:
        return replace(ticket, status=S.INVALID, refusal=refusal), ()
    return refund(replace(ticket, refusal=refusal), S.INVALID, Cancel(ticket.id, ticket.job_id))


def selected(ticket: Ticket, change: Selected) -> Step:
    if ticket.status is not S.QUEUED:
        return ticket, ()
    chosen = replace(ticket, selected=change.trainers, attempt=change.attempt, decision=change.decision)
    assign = Assign(ticket.id, ticket.job_id, change.trainers, change.attempt)
    baseline = None if ticket.selected else baseline_of(ticket.job_id, change.decision)
    if baseline is None:
        return chosen, (assign,)
    # Before the work begins, or it earns no credits.
    return chosen, (FixBaseline(ticket.id, ticket.job_id, baseline), assign)


def deferred(ticket: Ticket, change: Deferred) -> Step:
    if ticket.selected:
        return ticket, ()
    return replace(ticket, decision=change.decision), ()


def assigned(ticket: Ticket, change: Assigned) -> Step:
    if ticket.status is not S.QUEUED:
        return drawn_anew(ticket, change)
    running = replace(ticket, status=S.RUNNING, trainers=change.trainers, validators=change.validators)
    return with_tx(running, change.tx), (SendMail(ticket.id, MailKind.STARTED),)


def expired(ticket: Ticket, _: Expired) -> Step:
    sentence = "The deadline passed before the job was settled, so the fee goes back to the customer."
    late = replace(ticket, refusal=Refusal("job.expired", sentence))
    if ticket.status is S.QUOTED:
        return replace(late, status=S.EXPIRED), ()
    return refund(late, S.EXPIRED, Reclaim(ticket.id, ticket.job_id))
