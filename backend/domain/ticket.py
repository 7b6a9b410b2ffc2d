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

from backend.domain.taken_back import unfunded, unrecorded, unrefunded, unsealed, unsettled
from backend.domain.ticket_carbon import baseline_fixed, certified, credit_issued, sealed
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
    Unfunded,
    Unrecorded,
    Unrefunded,
    Unsealed,
    Unsettled,
    Uploaded,
    VerdictSigned,
)
from backend.domain.ticket_money import (
    FORGETFUL,
    arbitrated,
    contested,
    refund_credited,
    refund_paid,
    settled,
    slashed,
)
from backend.domain.ticket_record import (
    ENDED,
    HOLDS_FEE,
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
from backend.domain.ticket_start import (
    accepted,
    assigned,
    deferred,
    expired,
    funded,
    refused,
    selected,
    uploaded,
)
from backend.domain.ticket_step import Step
from backend.domain.ticket_work import round_closed, training_finished, verdict_signed
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
    "Unfunded",
    "Unrecorded",
    "Unrefunded",
    "Unsealed",
    "Unsettled",
    "Uploaded",
    "VerdictRecord",
    "VerdictSigned",
    "step",
]


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


_AFTER_FUNDED = frozenset(S) - {S.QUOTED}
_AFTER_UPLOADED = _AFTER_FUNDED - {S.FUNDED}
_REFUNDABLE = frozenset({S.REFUNDING, S.REFUNDED, S.DISPUTED})

_RULES: dict[type, tuple[frozenset[Status], Callable[[Ticket, Any], Step]]] = {
    Funded: (frozenset(S), funded),
    Unfunded: (frozenset({S.QUOTED}) | HOLDS_FEE, unfunded),
    Unsettled: (frozenset({S.SETTLING, S.SETTLED}), unsettled),
    Unrefunded: (_REFUNDABLE, unrefunded),
    Uploaded: (_AFTER_FUNDED, uploaded),
    Accepted: (_AFTER_UPLOADED, accepted),
    Refused: (frozenset({S.QUOTED, S.FUNDED, S.UPLOADED, S.QUEUED}), refused),
    Selected: (frozenset({S.QUEUED, S.RUNNING}), selected),
    Deferred: (frozenset({S.QUEUED}), deferred),
    Assigned: (_AFTER_UPLOADED - {S.UPLOADED}, assigned),
    RoundClosed: (frozenset({S.RUNNING}), round_closed),
    TrainingFinished: (frozenset({S.RUNNING, S.VERIFYING}), training_finished),
    VerdictSigned: (frozenset({S.RUNNING, S.VERIFYING, S.SETTLING, S.FAILED}), verdict_signed),
    Settled: (FORGETFUL | {S.SETTLING, S.SETTLED, S.EXPIRED}, settled),
    RefundCredited: (HOLDS_FEE | _REFUNDABLE | {S.SETTLED}, refund_credited),
    RefundPaid: (_REFUNDABLE, refund_paid),
    Expired: (frozenset({S.QUOTED}) | HOLDS_FEE - {S.INVALID, S.EXPIRED}, expired),
    Contested: (_REFUNDABLE, contested),
    Arbitrated: (frozenset({S.DISPUTED, S.REFUNDED, S.REFUNDING}), arbitrated),
    Slashed: (_REFUNDABLE, slashed),
    Sealed: (frozenset(S), sealed),
    Unsealed: (frozenset(S), unsealed),
    BaselineFixed: (frozenset(S), baseline_fixed),
    CreditIssued: (frozenset(S), credit_issued),
    Certified: (frozenset(S), certified),
    Unrecorded: (frozenset(S), unrecorded),
}
