"""What a change makes the system do. An effect's `key` names it once and for ever: doing it twice is doing it once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from backend.domain.credit_effects import FixBaseline, IssueCredits
from backend.domain.ledger_effects import LedgerEffect


class MailKind(StrEnum):
    """The letters a customer gets."""

    FUNDED = "funded"
    STARTED = "started"
    OVER_BUDGET = "over_budget"
    SETTLED = "settled"
    REFUNDED = "refunded"


class AccountMail(StrEnum):
    """The letters about an account."""

    CONFIRM = "confirm"
    KNOWN = "known"
    CLAIM = "claim"
    RESET = "reset"
    CHANGED = "changed"


@dataclass(frozen=True)
class Assign:
    """Market chain: hand the job to trainers and, some blocks later, have its validators drawn."""

    ticket_id: str
    job_id: str
    trainers: tuple[str, ...]
    attempt: int = 0

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/assign/{self.attempt}"


@dataclass(frozen=True)
class RecordRound:
    """Market chain: publish a closed round's root."""

    ticket_id: str
    job_id: str
    round: int
    root: str

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/round/{self.round}"


@dataclass(frozen=True)
class Settle:
    """Market chain: settle with the ticket's verdict."""

    ticket_id: str
    job_id: str

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/settle"


@dataclass(frozen=True)
class Fail:
    """Market chain: fail with the ticket's verdict; refunds and names culprits."""

    ticket_id: str
    job_id: str

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/fail"


@dataclass(frozen=True)
class Cancel:
    """Market chain: refund a job whose validators are not drawn."""

    ticket_id: str
    job_id: str

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/cancel"


@dataclass(frozen=True)
class Reclaim:
    """Market chain: return the fee of an expired job (anyone may)."""

    ticket_id: str
    job_id: str

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/reclaim"


@dataclass(frozen=True)
class Release:
    """Market chain: free the nodes of a job that was refunded without their names (anyone may)."""

    ticket_id: str
    job_id: str

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/release"


@dataclass(frozen=True)
class FinalizeSlash:
    """Market chain: carry out the slash once the contest window is over; with `after_silence`, free those who contested and were
    left undecided, once the arbiter's time is over."""

    ticket_id: str
    job_id: str
    after_silence: bool = False

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/slash" + ("/silence" if self.after_silence else "")


@dataclass(frozen=True)
class PayOut:
    """Market chain: send an account its DML credit (`withdrawFor`; nothing to do when it is zero)."""

    ticket_id: str
    account: str
    reason: str

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/payout/{self.reason}"


@dataclass(frozen=True)
class PayOutDeposit:
    """Market chain: send an honest node its share of a slashed deposit."""

    ticket_id: str
    account: str
    culprit: str

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/deposit/{self.culprit}/{self.account}"


@dataclass(frozen=True)
class Publish:
    """Carbon chain: list a finished training, so that nobody need do it again (hashes in hex, mJ, µgCO2e)."""

    ticket_id: str
    job_id: str
    dataset_sha256: str
    recipe_sha256: str
    model_sha256: str
    metrics_sha256: str
    millijoules: int
    micrograms: int
    fee_wei: str

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/publish"


@dataclass(frozen=True)
class SetBaseline:
    """Market chain, by the rater: a node's baseline in basis points, after `periods` without a benchmark since `benchmark`.

    Belongs to no ticket.
    """

    provider: str
    benchmark: int
    periods: int
    bps: int
    ticket_id: str = ""

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.provider}/baseline/{self.benchmark}/{self.periods}"


@dataclass(frozen=True)
class Certify:
    """Carbon chain: prove that the job's sealed readings stay under its bound, and have the proof kept as its certificate."""

    ticket_id: str
    job_id: str

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/certify"


@dataclass(frozen=True)
class SendMail:
    """Mail the customer."""

    ticket_id: str
    kind: MailKind

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"{self.ticket_id}/mail/{self.kind}"


@dataclass(frozen=True)
class SendAccountMail:
    """Mail about an account, to whom it concerns; belongs to no ticket.

    `number` is random, as each asking is a letter. No secret is in it: a link is made when the letter is.
    """

    kind: AccountMail
    email: str
    number: str
    user_id: str = ""
    ticket_id: str = ""

    @property
    def key(self) -> str:
        """Idempotency key."""
        return f"account/{self.kind}/{self.number}"


CarbonEffect = Publish | FixBaseline | IssueCredits
"""What happens on the carbon chain."""

ChainEffect = (
    Assign
    | RecordRound
    | Settle
    | Fail
    | Cancel
    | Reclaim
    | Release
    | FinalizeSlash
    | PayOut
    | PayOutDeposit
    | CarbonEffect
)
Effect = ChainEffect | SetBaseline | Certify | SendMail | SendAccountMail | LedgerEffect
