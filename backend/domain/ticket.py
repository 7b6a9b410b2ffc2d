"""A ticket's life: `step(ticket, change, at) -> (ticket, effects)`, a pure function.

QUOTED -> FUNDED -> UPLOADED -> QUEUED -> RUNNING -> VERIFYING -> SETTLING -> SETTLED, exits
INVALID | FAILED | EXPIRED -> REFUNDING -> REFUNDED, and DISPUTED while a named culprit contests.

The chain is the truth about money: every move of money enters here as a change mirrored from a chain event, and leaves
here as an effect that the settler carries out. A change that repeats what already happened is ignored; one that is
forbidden raises Conflict (`ticket.forbidden`), and FORBIDDEN transitions are tested exhaustively.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from backend.domain.budget import over_budget
from backend.domain.certificate import certify
from backend.domain.credit_effects import FixBaseline, IssueCredits, baseline_of
from backend.domain.effects import (
    Assign,
    Cancel,
    Effect,
    Fail,
    FinalizeSlash,
    MailKind,
    PayOut,
    PayOutDeposit,
    Reclaim,
    RecordRound,
    Release,
    SendMail,
    Settle,
)
from backend.domain.publication import published
from backend.domain.ticket_changes import (
    Accepted,
    Arbitrated,
    Assigned,
    BaselineFixed,
    Certified,
    Change,
    Contested,
    CreditIssued,
    Deferred,
    Expired,
    Funded,
    RefundCredited,
    RefundPaid,
    Refused,
    RoundClosed,
    Sealed,
    Selected,
    Settled,
    Slashed,
    TrainingFinished,
    Uploaded,
    VerdictSigned,
)
from backend.domain.ticket_record import (
    ENDED,
    HOLDS_FEE,
    Accusation,
    Alert,
    CertificateRecord,
    Moment,
    Refusal,
    RoundRecord,
    S,
    SealedIn,
    Status,
    Ticket,
    VerdictRecord,
)
from backend.errors import Conflict

# The records and the changes are taken from here, so that whoever deals with tickets knows one module.
__all__ = [
    "ENDED",
    "HOLDS_FEE",
    "Accepted",
    "Alert",
    "Arbitrated",
    "Assigned",
    "BaselineFixed",
    "CertificateRecord",
    "Certified",
    "Change",
    "Contested",
    "CreditIssued",
    "Deferred",
    "Expired",
    "Funded",
    "Moment",
    "RefundCredited",
    "RefundPaid",
    "Refusal",
    "Refused",
    "RoundClosed",
    "RoundRecord",
    "Sealed",
    "SealedIn",
    "Selected",
    "Settled",
    "Slashed",
    "Status",
    "Step",
    "Ticket",
    "TrainingFinished",
    "Uploaded",
    "VerdictRecord",
    "VerdictSigned",
    "step",
]

Step = tuple[Ticket, tuple[Effect, ...]]


def step(ticket: Ticket, change: Change, at: float) -> Step:
    """Apply `change` at Unix time `at`; return the new ticket and the effects to carry out, each idempotent by key.

    Raises Conflict `ticket.forbidden` where the change may not happen in the ticket's status.
    """
    allowed, apply = _RULES[type(change)]
    if ticket.status not in allowed:
        sentence = f"Ticket {ticket.id} is {ticket.status} and cannot take {type(change).__name__}."
        raise Conflict("ticket.forbidden", sentence)
    after, effects = apply(ticket, change)
    if after == ticket:
        return ticket, ()
    moments = after.timeline if after.status == ticket.status else (*after.timeline, Moment(after.status, at))
    return replace(after, version=ticket.version + 1, timeline=moments), effects


def _funded(ticket: Ticket, change: Funded) -> Step:
    never_paid = not ticket.transactions
    paid = _with_tx(replace(ticket, deadline=change.deadline), change.tx)
    if ticket.status in (S.INVALID, S.EXPIRED) and never_paid:
        return paid, (Cancel(ticket.id, ticket.job_id),)
    if ticket.status is not S.QUOTED:
        return ticket, ()
    if change.fee_wei < ticket.quote.fee_wei:
        sentence = (
            f"The job was opened with {change.fee_wei} wei, less than the quoted {ticket.quote.fee_wei} wei."
        )
        refused = replace(paid, refusal=Refusal("payment.too_low", sentence))
        return _refund(refused, S.INVALID, Cancel(ticket.id, ticket.job_id))
    return replace(paid, status=S.FUNDED), (SendMail(ticket.id, MailKind.FUNDED),)


def _uploaded(ticket: Ticket, change: Uploaded) -> Step:
    if ticket.status is not S.FUNDED:
        return ticket, ()
    return replace(ticket, status=S.UPLOADED, dataset_key=change.key), ()


def _accepted(ticket: Ticket, change: Accepted) -> Step:
    if ticket.status is not S.UPLOADED:
        return ticket, ()
    return replace(ticket, status=S.QUEUED, dataset=change.dataset), ()


def _refused(ticket: Ticket, change: Refused) -> Step:
    refusal = Refusal(change.code, change.message)
    if ticket.status is S.QUOTED:
        return replace(ticket, status=S.INVALID, refusal=refusal), ()
    return _refund(replace(ticket, refusal=refusal), S.INVALID, Cancel(ticket.id, ticket.job_id))


def _selected(ticket: Ticket, change: Selected) -> Step:
    if ticket.status is not S.QUEUED:
        return ticket, ()
    chosen = replace(ticket, selected=change.trainers, attempt=change.attempt, decision=change.decision)
    assign = Assign(ticket.id, ticket.job_id, change.trainers, change.attempt)
    baseline = None if ticket.selected else baseline_of(ticket.job_id, change.decision)
    # Assigning first: a slow carbon chain costs the job its credits, not its time.
    return chosen, (assign,) if baseline is None else (
        assign,
        FixBaseline(ticket.id, ticket.job_id, baseline),
    )


def _deferred(ticket: Ticket, change: Deferred) -> Step:
    if ticket.selected:
        return ticket, ()
    return replace(ticket, decision=change.decision), ()


def _assigned(ticket: Ticket, change: Assigned) -> Step:
    if ticket.status is not S.QUEUED:
        return ticket, ()
    running = replace(ticket, status=S.RUNNING, trainers=change.trainers, validators=change.validators)
    return _with_tx(running, change.tx), (SendMail(ticket.id, MailKind.STARTED),)


def _round_closed(ticket: Ticket, change: RoundClosed) -> Step:
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


def _training_finished(ticket: Ticket, change: TrainingFinished) -> Step:
    if ticket.status is not S.RUNNING:
        return ticket, ()
    done = replace(
        ticket, status=S.VERIFYING, metrics=change.metrics, files=change.files, energy=change.energy
    )
    return done, ()


def _verdict_signed(ticket: Ticket, change: VerdictSigned) -> Step:
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
    return _refund(replace(judged, refusal=change.reason), S.FAILED, Fail(ticket.id, ticket.job_id))


def _settled(ticket: Ticket, change: Settled) -> Step:
    if ticket.status is S.SETTLED:
        return ticket, ()
    payees = ticket.verdict.payees if ticket.verdict else ()
    payouts = tuple(PayOut(ticket.id, payee, f"settled:{payee}") for payee in payees)
    settled = _with_tx(replace(ticket, status=S.SETTLED, refusal=None), change.tx)
    return settled, (*payouts, *published(settled), SendMail(ticket.id, MailKind.SETTLED))


def _refund_credited(ticket: Ticket, change: RefundCredited) -> Step:
    if ticket.refund_wei is not None:
        return ticket, ()
    refusal = ticket.refusal or _refusal_for(change.how)
    credited = replace(ticket, status=S.REFUNDING, refusal=refusal, refund_wei=str(change.refund_wei))
    effects: tuple[Effect, ...] = (PayOut(ticket.id, ticket.customer, "refund"),)
    if change.how != "failed":
        # A failed job's nodes were freed by its verdict, which names them.
        effects += (Release(ticket.id, ticket.job_id),)
    if change.culprits:
        credited = replace(credited, accusations=dict.fromkeys(change.culprits, Accusation.NAMED.value))
        effects += (FinalizeSlash(ticket.id, ticket.job_id),)
    return _with_tx(credited, change.tx), effects


def _refund_paid(ticket: Ticket, change: RefundPaid) -> Step:
    mail = SendMail(ticket.id, MailKind.REFUNDED)
    if ticket.status is S.DISPUTED:
        return _with_tx(ticket, change.tx), (mail,)
    if ticket.status is not S.REFUNDING:
        return ticket, ()
    return _with_tx(replace(ticket, status=S.REFUNDED), change.tx), (mail,)


def _expired(ticket: Ticket, _: Expired) -> Step:
    sentence = "The deadline passed before the job was settled, so the fee goes back to the customer."
    late = replace(ticket, refusal=Refusal("job.expired", sentence))
    if ticket.status is S.QUOTED:
        return replace(late, status=S.EXPIRED), ()
    return _refund(late, S.EXPIRED, Reclaim(ticket.id, ticket.job_id))


def _contested(ticket: Ticket, change: Contested) -> Step:
    if (ticket.accusations or {}).get(change.culprit) not in (None, Accusation.NAMED):
        return ticket, ()
    disputed = replace(_accused(ticket, change.culprit, Accusation.CONTESTED), status=S.DISPUTED)
    return disputed, (FinalizeSlash(ticket.id, ticket.job_id, after_silence=True),)


def _arbitrated(ticket: Ticket, change: Arbitrated) -> Step:
    if (ticket.accusations or {}).get(change.culprit) == Accusation.SLASHED:
        return ticket, ()
    decided = _accused(ticket, change.culprit, Accusation.GUILTY if change.guilty else Accusation.ACQUITTED)
    still = Accusation.CONTESTED in (decided.accusations or {}).values()
    return (decided if still else replace(decided, status=S.REFUNDED)), ()


def _accused(ticket: Ticket, culprit: str, state: Accusation) -> Ticket:
    return replace(ticket, accusations={**(ticket.accusations or {}), culprit: state.value})


def _slashed(ticket: Ticket, change: Slashed) -> Step:
    if ticket.slashed and change.culprit in ticket.slashed:
        return ticket, ()
    received = dict(ticket.deposits_received_wei or {})
    for node, share in change.shares_wei.items():
        received[node] = str(int(received.get(node, "0")) + int(share))
    ticket = _accused(ticket, change.culprit, Accusation.SLASHED)
    taken = {**(ticket.slashed or {}), change.culprit: str(change.amount_wei)}
    payouts = tuple(PayOutDeposit(ticket.id, node, change.culprit) for node in change.shares_wei)
    return _with_tx(replace(ticket, slashed=taken, deposits_received_wei=received), change.tx), payouts


def _sealed(ticket: Ticket, change: Sealed) -> Step:
    if ticket.epoch is not None:
        return ticket, ()
    sealed = replace(ticket, epoch=SealedIn(change.index, change.hash, change.tx))
    if ticket.baseline is None:
        return sealed, certify(sealed)
    return sealed, (IssueCredits(ticket.id, ticket.job_id, change.index), *certify(sealed))


def _baseline_fixed(ticket: Ticket, change: BaselineFixed) -> Step:
    if ticket.baseline is not None:
        return ticket, ()
    fixed = replace(ticket, baseline=change.fixed)
    if ticket.epoch is None:
        return fixed, ()
    return fixed, (IssueCredits(ticket.id, ticket.job_id, ticket.epoch.index),)


def _credit_issued(ticket: Ticket, change: CreditIssued) -> Step:
    if change.credit.serial in {credit.serial for credit in ticket.credits}:
        return ticket, ()
    return replace(ticket, credits=(*ticket.credits, change.credit)), ()


def _certified(ticket: Ticket, change: Certified) -> Step:
    if ticket.certificate is not None:
        return ticket, ()
    return replace(ticket, certificate=change.record), ()


def _refund(ticket: Ticket, exit_status: Status, effect: Effect) -> Step:
    return replace(ticket, status=exit_status), (effect,)


def _refusal_for(how: str) -> Refusal:
    sentences = {
        "cancelled": "The job was cancelled before it started.",
        "reclaimed": "The deadline passed and the fee was taken back from the escrow.",
        "failed": "The job failed verification.",
    }
    return Refusal(f"job.{how}", sentences[how])


def _with_tx(ticket: Ticket, tx: str) -> Ticket:
    return ticket if tx in ticket.transactions else replace(ticket, transactions=(*ticket.transactions, tx))


_AFTER_FUNDED = frozenset(S) - {S.QUOTED}
_AFTER_UPLOADED = _AFTER_FUNDED - {S.FUNDED}
_REFUNDABLE = frozenset({S.REFUNDING, S.REFUNDED, S.DISPUTED})

_RULES: dict[type, tuple[frozenset[Status], Callable[[Ticket, Any], Step]]] = {
    Funded: (frozenset(S), _funded),
    Uploaded: (_AFTER_FUNDED, _uploaded),
    Accepted: (_AFTER_UPLOADED, _accepted),
    Refused: (frozenset({S.QUOTED, S.FUNDED, S.UPLOADED, S.QUEUED}), _refused),
    Selected: (frozenset({S.QUEUED, S.RUNNING}), _selected),
    Deferred: (frozenset({S.QUEUED}), _deferred),
    Assigned: (_AFTER_UPLOADED - {S.UPLOADED}, _assigned),
    RoundClosed: (frozenset({S.RUNNING}), _round_closed),
    TrainingFinished: (frozenset({S.RUNNING, S.VERIFYING}), _training_finished),
    VerdictSigned: (frozenset({S.RUNNING, S.VERIFYING, S.SETTLING, S.FAILED}), _verdict_signed),
    Settled: (frozenset({S.SETTLING, S.SETTLED, S.EXPIRED}), _settled),
    RefundCredited: (HOLDS_FEE | _REFUNDABLE, _refund_credited),
    RefundPaid: (_REFUNDABLE, _refund_paid),
    Expired: (frozenset({S.QUOTED}) | HOLDS_FEE - {S.INVALID, S.EXPIRED}, _expired),
    Contested: (_REFUNDABLE, _contested),
    Arbitrated: (frozenset({S.DISPUTED, S.REFUNDED, S.REFUNDING}), _arbitrated),
    Slashed: (_REFUNDABLE, _slashed),
    Sealed: (frozenset(S), _sealed),
    BaselineFixed: (frozenset(S), _baseline_fixed),
    CreditIssued: (frozenset(S), _credit_issued),
    Certified: (frozenset(S), _certified),
}
