"""What is known of a ticket: its status and records, plain values that any store can keep."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from backend.domain.credit_effects import FixedBaseline, IssuedCredit
from backend.domain.decision import Decision
from backend.domain.spec import DatasetFacts, JobSpec, Quote


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

FATES = {
    "settled": frozenset({S.SETTLED}),
    "refunded": frozenset({S.INVALID, S.FAILED, S.EXPIRED, S.REFUNDING, S.REFUNDED, S.DISPUTED}),
    "open": frozenset({S.QUOTED, S.FUNDED, S.UPLOADED, S.QUEUED, S.RUNNING, S.VERIFYING, S.SETTLING}),
}
"""Every status, by what becomes of the fee: earned, gone or going back, still in escrow."""


def fate(status: Status) -> str:
    """What becomes of the fee, a key of `FATES`."""
    return next(name for name, statuses in FATES.items() if status in statuses)


class Accusation(StrEnum):
    """What has become of an accusation: contested ones wait for the arbiter, others for the end of the window."""

    NAMED = "named"
    CONTESTED = "contested"
    GUILTY = "guilty"
    ACQUITTED = "acquitted"
    SLASHED = "slashed"


@dataclass(frozen=True)
class Refusal:
    """Why a ticket left the straight path: a stable code and one sentence."""

    code: str
    message: str


@dataclass(frozen=True)
class Alert:
    """Something the customer should know of a job that goes on: a stable code, one sentence, the round after which it was so."""

    code: str
    message: str
    round: int


@dataclass(frozen=True)
class RoundRecord:
    """A closed round: hashes, metrics on the validation split, who took part, energy by trainer (plain JSON values).

    `aggregation` says by which rule, which updates were left out and what share each had; `privacy` what differential privacy
    has cost up to this round, None without it. `asked` are the trainers drawn for it, `late` those of them that committed to
    nothing in time, `training_seconds` how long the last commitment that was taken took. `carbon` is by trainer
    (`energy.carbon.round_carbon`): energy in mJ, emissions in µgCO2e, and the intensity they were reckoned with.
    `closed_at` is when it was closed (Unix seconds), 0 where that was not recorded.
    """

    number: int
    root: str
    model_key: str
    model_sha256: str
    metrics: dict[str, Any]
    updates: tuple[dict[str, Any], ...]
    seconds: float
    state_key: str | None = None
    state_sha256: str | None = None
    aggregation: dict[str, Any] | None = None
    privacy: dict[str, Any] | None = None
    asked: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    training_seconds: float = 0.0
    carbon: dict[str, dict[str, Any]] | None = None
    closed_at: float = 0.0

    @property
    def millijoules(self) -> int:
        """What its trainers used, by their readings; 0 where that was not recorded."""
        return sum(int(of["millijoules"]) for of in (self.carbon or {}).values())


@dataclass(frozen=True)
class VerdictRecord:
    """What a quorum of validators signed: outcome, hashes, payouts and score words, or culprits; signatures in hex.

    `fee_wei` is the fee as the escrow holds it, at least the quoted one.
    """

    outcome: str
    result_sha256: str
    evidence_hash: str
    payees: tuple[str, ...]
    amounts_wei: tuple[str, ...]
    scores: tuple[str, ...]
    culprits: tuple[str, ...]
    signatures: tuple[str, ...]
    work: tuple[dict[str, Any], ...] = ()
    fee_wei: str | None = None


@dataclass(frozen=True)
class SealedIn:
    """The epoch of the energy ledger that a job's readings stand in: its number, its hash, the transaction that sealed it."""

    index: int
    hash: str
    tx: str


@dataclass(frozen=True)
class CertificateRecord:
    """What became of a job's claim to stay under `bound` µgCO2e, which is that `of` its budget or its baseline.

    `tx` keeps it on the carbon chain, or `refusal` says why there is no certificate. `size` says which circuit, `factors` commits
    to the factors used (32 bytes, hex), `mg_per_kwh` are those in the order of the circuit's slots, `seconds` is what proving took.
    """

    bound: int
    of: str
    epoch: int
    size: int = 0
    factors: str = ""
    mg_per_kwh: tuple[int, ...] = ()
    seconds: float = 0.0
    tx: str = ""
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Moment:
    """A status and when it was reached (Unix seconds)."""

    status: Status
    at: float


@dataclass(frozen=True)
class Ticket:
    """The off-chain work item; one per on-chain job. `accusations` says of each culprit what has become of it (`Accusation`),
    `carbon` what came of its energy statement (`energy.statement.results`), `baseline` what its `credits` are held against.
    """

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
    decision: Decision | None = None
    trainers: tuple[str, ...] = ()
    validators: tuple[str, ...] = ()
    rounds: tuple[RoundRecord, ...] = ()
    verdict: VerdictRecord | None = None
    refusal: Refusal | None = None
    metrics: dict[str, Any] | None = None
    files: dict[str, dict[str, Any]] | None = None
    energy: dict[str, dict[str, Any]] | None = None
    carbon: dict[str, Any] | None = None
    alerts: tuple[Alert, ...] = ()
    accusations: dict[str, str] | None = None
    slashed: dict[str, str] | None = None
    deposits_received_wei: dict[str, str] | None = None
    refund_wei: str | None = None
    transactions: tuple[str, ...] = ()
    timeline: tuple[Moment, ...] = ()
    epoch: SealedIn | None = None
    baseline: FixedBaseline | None = None
    credits: tuple[IssuedCredit, ...] = ()
    certificate: CertificateRecord | None = None

    @property
    def awaits_sealing(self) -> bool:
        """Whether its readings are final and in no epoch of the energy ledger yet."""
        return self.verdict is not None and self.epoch is None

    @property
    def on_chain(self) -> bool:
        """Whether the market chain knows its job: it was paid for, so that it is public."""
        return bool(self.transactions)

    @property
    def public_words(self) -> tuple[str, ...]:
        """The 32-byte words (0x hex, lower case) by which both chains tell of it: job, reference, dataset, specification, and
        transactions; none before it is on chain.
        """
        if not self.on_chain:
            return ()
        told = [
            self.job_id,
            self.ref,
            "0x" + self.dataset.sha256,
            "0x" + self.spec.hash(),
            *self.transactions,
        ]
        told += [
            of.tx for of in (self.epoch, self.baseline, self.certificate, *self.credits) if of is not None
        ]
        return tuple(dict.fromkeys(word.lower() for word in told if word))

    @property
    def started(self) -> int | None:
        """When the chain had given it to its nodes, before any of them worked on it (Unix seconds)."""
        return next((int(m.at) for m in self.timeline if m.status is S.RUNNING), None)

    @property
    def finished_by(self) -> tuple[str, ...]:
        """The trainers who were paid for it, once that has happened."""
        if self.status is not S.SETTLED or self.verdict is None:
            return ()
        paid = zip(self.verdict.payees, self.verdict.amounts_wei, strict=True)
        return tuple(trainer for trainer, amount in paid if int(amount) > 0)
