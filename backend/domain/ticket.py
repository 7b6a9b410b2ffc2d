"""A ticket's life: `step(ticket, change, at) -> (ticket, effects)`, a pure function.

QUOTED -> FUNDED -> UPLOADED -> QUEUED -> RUNNING -> VERIFYING -> SETTLING -> SETTLED, exits
INVALID | FAILED | EXPIRED -> REFUNDING -> REFUNDED, and DISPUTED while a named culprit contests.

The chain is the truth about money: every move of money enters here as a change mirrored from a chain event, and leaves
here as an effect that the settler carries out. A change that repeats what already happened is ignored; one that is
forbidden raises Conflict (`ticket.forbidden`), and FORBIDDEN transitions are tested exhaustively.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

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
    RecordEnergy,
    RecordRound,
    SendMail,
    Settle,
)
from backend.domain.spec import DatasetFacts, JobSpec, Quote
from backend.errors import Conflict


class Status(StrEnum):
    """Where a ticket stands."""

    QUOTED = "QUOTED"
    FUNDED = "FUNDED"
    UPLOADED = "UPLOADED"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    VERIFYING = "VERIFYING"
    SETTLING = "SETTLING"
    SETTLED = "SETTLED"
    INVALID = "INVALID"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"
    REFUNDING = "REFUNDING"
    REFUNDED = "REFUNDED"
    DISPUTED = "DISPUTED"


S = Status
ENDED = frozenset({S.SETTLED, S.REFUNDED})
HOLDS_FEE = frozenset(
    {S.FUNDED, S.UPLOADED, S.QUEUED, S.RUNNING, S.VERIFYING, S.SETTLING, S.INVALID, S.FAILED, S.EXPIRED}
)


@dataclass(frozen=True)
class Refusal:
    """Why a ticket left the straight path: a stable code and one sentence."""

    code: str
    message: str


@dataclass(frozen=True)
class RoundRecord:
    """A closed round: hashes, metrics on the validation split, who took part, energy by trainer (plain JSON values)."""

    number: int
    root: str
    model_key: str
    model_sha256: str
    metrics: dict[str, Any]
    updates: tuple[dict[str, Any], ...]
    seconds: float
    state_key: str | None = None
    state_sha256: str | None = None


@dataclass(frozen=True)
class VerdictRecord:
    """What a quorum of validators signed: outcome, hashes, payouts or culprits; signatures in hex."""

    outcome: str
    result_sha256: str
    scores_hash: str
    evidence_hash: str
    payees: tuple[str, ...]
    amounts_wei: tuple[str, ...]
    culprits: tuple[str, ...]
    signatures: tuple[str, ...]
    work: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Moment:
    """A status and when it was reached (Unix seconds)."""

    status: Status
    at: float


@dataclass(frozen=True)
class Ticket:
    """The off-chain work item; one per on-chain job."""

    id: str
    ref: str
    job_id: str
    customer: str
    spec: JobSpec
    dataset: DatasetFacts
    quote: Quote
    architecture: dict[str, Any]
    deadline: int
    email: str | None = None
    status: Status = S.QUOTED
    version: int = 0
    dataset_key: str | None = None
    selected: tuple[str, ...] = ()
    attempt: int = 0
    trainers: tuple[str, ...] = ()
    validators: tuple[str, ...] = ()
    rounds: tuple[RoundRecord, ...] = ()
    verdict: VerdictRecord | None = None
    refusal: Refusal | None = None
    metrics: dict[str, Any] | None = None
    files: dict[str, dict[str, Any]] | None = None
    energy: dict[str, dict[str, Any]] | None = None
    slashed: dict[str, str] | None = None
    deposits_received_wei: dict[str, str] | None = None
    refund_wei: str | None = None
    transactions: tuple[str, ...] = ()
    timeline: tuple[Moment, ...] = ()


# --- changes ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Funded:
    """The chain says: the fee is in escrow."""

    fee_wei: int
    deadline: int
    tx: str


@dataclass(frozen=True)
class Uploaded:
    """The dataset is in object storage."""

    key: str


@dataclass(frozen=True)
class Accepted:
    """The uploaded dataset can be trained on; `dataset` holds what was found in it."""

    dataset: DatasetFacts


@dataclass(frozen=True)
class Refused:
    """The ticket cannot go on (bad dataset, cancelled before the start)."""

    code: str
    message: str


@dataclass(frozen=True)
class Selected:
    """The scheduler chose trainers; the chain draws the validators."""

    trainers: tuple[str, ...]
    attempt: int = 0


@dataclass(frozen=True)
class Assigned:
    """The chain says: these nodes hold the job."""

    trainers: tuple[str, ...]
    validators: tuple[str, ...]
    tx: str


@dataclass(frozen=True)
class RoundClosed:
    """A round was trained, verified and aggregated."""

    record: RoundRecord


@dataclass(frozen=True)
class TrainingFinished:
    """The last round is closed and the result is exported and measured on the test split."""

    metrics: dict[str, Any]
    files: dict[str, dict[str, Any]]
    energy: dict[str, dict[str, Any]]
    energy_root: str
    energy_millijoules: int


@dataclass(frozen=True)
class VerdictSigned:
    """A quorum of the job's validators signed; outcome `settle` or `fail`."""

    verdict: VerdictRecord
    reason: Refusal | None = None
    energy: dict[str, dict[str, Any]] | None = None


@dataclass(frozen=True)
class Settled:
    """The chain says: the job is settled."""

    tx: str


@dataclass(frozen=True)
class RefundCredited:
    """The chain says: the job failed, was cancelled or reclaimed; the fee belongs to the customer again."""

    how: str
    refund_wei: int
    tx: str
    culprits: tuple[str, ...] = ()


@dataclass(frozen=True)
class RefundPaid:
    """The refund has reached the customer's wallet."""

    tx: str


@dataclass(frozen=True)
class Expired:
    """The deadline passed while the fee was still in escrow (or before it was paid)."""


@dataclass(frozen=True)
class Contested:
    """The chain says: a named culprit contests."""

    culprit: str


@dataclass(frozen=True)
class Arbitrated:
    """The chain says: the arbiter decided on a contested culprit."""

    culprit: str
    guilty: bool


@dataclass(frozen=True)
class Slashed:
    """The chain says: a culprit's deposit was taken and split."""

    culprit: str
    amount_wei: int
    shares_wei: dict[str, str]
    tx: str


Change = (
    Funded
    | Uploaded
    | Accepted
    | Refused
    | Selected
    | Assigned
    | RoundClosed
    | TrainingFinished
    | VerdictSigned
    | Settled
    | RefundCredited
    | RefundPaid
    | Expired
    | Contested
    | Arbitrated
    | Slashed
)

Step = tuple[Ticket, tuple[Effect, ...]]


def step(ticket: Ticket, change: Change, at: float) -> Step:
    """Apply `change` at Unix time `at`; return the new ticket and the effects to carry out, each idempotent by key.

    Raises Conflict `ticket.forbidden` where the change may not happen in the ticket's status.
    """
    allowed, apply = _RULES[type(change)]
    if ticket.status not in allowed:
        raise Conflict(
            "ticket.forbidden",
            f"Ticket {ticket.id} is {ticket.status} and cannot take {type(change).__name__}.",
        )
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
        return _refund(
            replace(paid, refusal=Refusal("payment.too_low", sentence)),
            S.INVALID,
            Cancel(ticket.id, ticket.job_id),
        )
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
    chosen = replace(ticket, selected=change.trainers, attempt=change.attempt)
    return chosen, (Assign(ticket.id, ticket.job_id, change.trainers, change.attempt),)


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
        raise Conflict(
            "ticket.round_order",
            f"Ticket {ticket.id} closed {len(ticket.rounds)} rounds and cannot close {number}.",
        )
    record = RecordRound(ticket.id, ticket.job_id, number, change.record.root)
    return replace(ticket, rounds=(*ticket.rounds, change.record)), (record,)


def _training_finished(ticket: Ticket, change: TrainingFinished) -> Step:
    if ticket.status is not S.RUNNING:
        return ticket, ()
    done = replace(
        ticket, status=S.VERIFYING, metrics=change.metrics, files=change.files, energy=change.energy
    )
    return done, (RecordEnergy(ticket.id, ticket.job_id, change.energy_root, change.energy_millijoules),)


def _verdict_signed(ticket: Ticket, change: VerdictSigned) -> Step:
    if ticket.verdict is not None:
        return ticket, ()
    judged = replace(ticket, verdict=change.verdict, energy=change.energy or ticket.energy)
    if change.verdict.outcome == "settle":
        return replace(judged, status=S.SETTLING), (Settle(ticket.id, ticket.job_id),)
    return _refund(replace(judged, refusal=change.reason), S.FAILED, Fail(ticket.id, ticket.job_id))


def _settled(ticket: Ticket, change: Settled) -> Step:
    if ticket.status is S.SETTLED:
        return ticket, ()
    payees = ticket.verdict.payees if ticket.verdict else ()
    payouts = tuple(PayOut(ticket.id, payee, f"settled:{payee}") for payee in payees)
    settled = _with_tx(replace(ticket, status=S.SETTLED, refusal=None), change.tx)
    return settled, (*payouts, SendMail(ticket.id, MailKind.SETTLED))


def _refund_credited(ticket: Ticket, change: RefundCredited) -> Step:
    if ticket.refund_wei is not None:
        return ticket, ()
    refusal = ticket.refusal or _refusal_for(change.how)
    credited = replace(ticket, status=S.REFUNDING, refusal=refusal, refund_wei=str(change.refund_wei))
    effects: tuple[Effect, ...] = (PayOut(ticket.id, ticket.customer, "refund"),)
    if change.culprits:
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


def _contested(ticket: Ticket, _: Contested) -> Step:
    return replace(ticket, status=S.DISPUTED), ()


def _arbitrated(ticket: Ticket, _: Arbitrated) -> Step:
    return replace(ticket, status=S.REFUNDED), (
        FinalizeSlash(ticket.id, ticket.job_id, after_arbitration=True),
    )


def _slashed(ticket: Ticket, change: Slashed) -> Step:
    if ticket.slashed and change.culprit in ticket.slashed:
        return ticket, ()
    received = dict(ticket.deposits_received_wei or {})
    for node, share in change.shares_wei.items():
        received[node] = str(int(received.get(node, "0")) + int(share))
    taken = {**(ticket.slashed or {}), change.culprit: str(change.amount_wei)}
    payouts = tuple(PayOutDeposit(ticket.id, node, change.culprit) for node in change.shares_wei)
    return _with_tx(replace(ticket, slashed=taken, deposits_received_wei=received), change.tx), payouts


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
}
