"""What a ticket does from its first round to the verdict upon it.

Each function is the step for one kind of change, called by `ticket.step` in those statuses only that its table allows.
"""

from __future__ import annotations

from dataclasses import replace

from backend.domain.budget import over_budget
from backend.domain.effects import Fail, MailKind, RecordRound, SendMail, Settle
from backend.domain.ticket_changes import RoundClosed, TrainingFinished, VerdictSigned
from backend.domain.ticket_record import S, Ticket
from backend.domain.ticket_step import Step, refund
from backend.errors import Conflict


def round_closed(ticket: Ticket, change: RoundClosed) -> Step:
    number = change.record.number
    if number <= len(ticket.rounds):
        return ticket, ()
    if number != len(ticket.rounds) + 1:
        sentence = f"Ticket {ticket.id} closed {len(ticket.rounds)} rounds and cannot close {number}."
        raise Conflict("ticket.round_order", sentence)
    record = RecordRound(ticket.id, ticket.job_id, number, change.record.root)
    after = replace(ticket, rounds=(*ticket.rounds, change.record))
    alert = over_budget(after)
    if alert is None:
        return after, (record,)
    return replace(after, alerts=(*after.alerts, alert)), (record, SendMail(ticket.id, MailKind.OVER_BUDGET))


def training_finished(ticket: Ticket, change: TrainingFinished) -> Step:
    if ticket.status is not S.RUNNING:
        return ticket, ()
    done = replace(
        ticket, status=S.VERIFYING, metrics=change.metrics, files=change.files, energy=change.energy
    )
    return done, ()


def verdict_signed(ticket: Ticket, change: VerdictSigned) -> Step:
    if ticket.verdict is not None:
        return ticket, ()
    files = {**(ticket.files or {}), **change.files}
    judged = replace(
        ticket,
        verdict=change.verdict,
        energy=change.energy or ticket.energy,
        carbon=change.carbon or ticket.carbon,
        files=files or None,
    )
    if change.verdict.outcome == "settle":
        return replace(judged, status=S.SETTLING), (Settle(ticket.id, ticket.job_id),)
    return refund(replace(judged, refusal=change.reason), S.FAILED, Fail(ticket.id, ticket.job_id))
