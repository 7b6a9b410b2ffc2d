"""What can happen to a ticket. Those that say "the chain says" are mirrored from its events and come from nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from backend.domain.credit_effects import FixedBaseline, IssuedCredit
from backend.domain.decision import Decision
from backend.domain.spec import DatasetFacts
from backend.domain.ticket_record import CertificateRecord, Refusal, RoundRecord, VerdictRecord


@dataclass(frozen=True)
class Funded:
    """The chain says: the fee is in escrow."""

    fee_wei: int
    deadline: int
    tx: str


@dataclass(frozen=True)
class Unfunded:
    """The chain took the payment back: there is no fee in escrow, and nobody paid."""


@dataclass(frozen=True)
class Unsettled:
    """The chain took the settlement back: the fee is in escrow again, or went another way since."""


@dataclass(frozen=True)
class Unrefunded:
    """The chain took the refund back: the fee is in escrow again."""


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
    """The scheduler chose trainers; the chain draws the validators. `decision` is why, and what the job is held against."""

    trainers: tuple[str, ...]
    attempt: int = 0
    decision: Decision | None = None


@dataclass(frozen=True)
class Deferred:
    """The scheduler has the job wait for a better hour; it is decided again at `decision.again_at`."""

    decision: Decision


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


@dataclass(frozen=True)
class VerdictSigned:
    """A quorum of the job's validators signed; outcome `settle` or `fail`. `files` are what an audit of it needs."""

    verdict: VerdictRecord
    reason: Refusal | None = None
    energy: dict[str, dict[str, Any]] | None = None
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    carbon: dict[str, Any] | None = None


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


@dataclass(frozen=True)
class Sealed:
    """The carbon chain says: the job's readings stand in this epoch of the energy ledger."""

    index: int
    hash: str
    tx: str


@dataclass(frozen=True)
class Unsealed:
    """The carbon chain took the epoch back that held the job's readings."""


@dataclass(frozen=True)
class BaselineFixed:
    """The carbon chain says: this is what the job's credits are held against."""

    fixed: FixedBaseline


@dataclass(frozen=True)
class CreditIssued:
    """The carbon chain says: a node has a credit for its work in a round."""

    credit: IssuedCredit


@dataclass(frozen=True)
class Certified:
    """What became of the job's green certificate: it is on the carbon chain, or there is a reason why it is not."""

    record: CertificateRecord


@dataclass(frozen=True)
class Unrecorded:
    """The carbon chain took these transactions back: a baseline's, credits' or a certificate's."""

    transactions: tuple[str, ...]


Change = (
    Funded
    | Unfunded
    | Unsettled
    | Unrefunded
    | Uploaded
    | Accepted
    | Refused
    | Selected
    | Deferred
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
    | Sealed
    | Unsealed
    | BaselineFixed
    | CreditIssued
    | Certified
    | Unrecorded
)
