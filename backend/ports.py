"""What the application needs of the world. Real and in-memory adapters pass the same conformance suite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from backend.domain.credits import Certificate, Holding
from backend.domain.effects import Effect, SetBaseline
from backend.domain.green_proof import GreenClaim, GreenProof, GreenStatement, KeptCertificate, SealedJobs
from backend.domain.intensity import Intensity
from backend.domain.ledger_effects import LedgerEffect
from backend.domain.node import Node
from backend.domain.publication import Publication
from backend.domain.rating import Baseline
from backend.domain.stake import LedgerHead, Stakes
from backend.domain.task import Task
from backend.domain.ticket import Change, Ticket
from fl_nodes.protocol.ledger_epoch import SealedEpoch

Clock = Callable[[], float]
"""Unix time in seconds."""


class Tickets(Protocol):
    """Tickets and the effects their steps produce, written in one transaction."""

    def add(self, ticket: Ticket) -> None:
        """Store a new ticket; Conflict `ticket.exists` if its id or ref is taken."""

    def get(self, ticket_id: str) -> Ticket:
        """The ticket; NotFound `ticket.unknown`."""

    def by_job(self, job_id: str) -> Ticket | None:
        """The ticket of an on-chain job, if it is ours."""

    def find(
        self, *, statuses: Sequence[str] | None = None, customer: str | None = None, limit: int = 100
    ) -> list[Ticket]:
        """Tickets, newest first."""

    def unsealed(self, limit: int = 100) -> list[Ticket]:
        """Tickets whose readings are final and in no epoch of the energy ledger yet, oldest first."""

    def finished(self, provider: str) -> int:
        """How many settled tickets paid this trainer more than nothing."""

    def advance(self, ticket_id: str, change: Change) -> Ticket:
        """`domain.ticket.step` under compare-and-set; ticket and effects in one transaction."""

    def claim(self, ticket_id: str, owner: str, seconds: float) -> bool:
        """Take or extend the lease on a ticket (or on anything else by its name); false while another owner's lease is alive."""

    def release(self, ticket_id: str, owner: str) -> None:
        """Give the lease back."""

    def wait_change(self, seconds: float) -> None:
        """Return when any ticket may have changed (a change-stream wake-up), or after `seconds`."""


@dataclass(frozen=True)
class QueuedEffect:
    """An effect waiting to be carried out, and how often it was tried."""

    key: str
    effect: Effect
    attempts: int
    not_before: float


class Effects(Protocol):
    """The outbox: effects are added by `Tickets.advance`, done by the settler (chain) or the notifier (mail)."""

    def add(self, effects: Sequence[Effect]) -> None:
        """Queue effects that come from no ticket; one whose key exists is left as it is."""

    def pending(self, kinds: Sequence[str], limit: int = 100) -> list[QueuedEffect]:
        """Open effects of the named classes (`Assign`, `SendMail`, ...) that are due, oldest first."""

    def state(self, key: str) -> str | None:
        """`open`, `done`, `failed`, or None if there is no such effect."""

    def done(self, key: str, result: dict[str, Any]) -> None:
        """Mark as carried out; repeating it changes nothing."""

    def retry(self, key: str, seconds: float, why: str) -> None:
        """Count an attempt and try again after `seconds`."""

    def fail(self, key: str, code: str, why: str) -> None:
        """Give up: a person or a sweep must look."""

    def wait(self, seconds: float) -> None:
        """Return when an effect may have been added, or after `seconds`."""


class Tasks(Protocol):
    """Work handed to connected workers through the backend process that holds their socket."""

    def put(self, tasks: Sequence[Task]) -> None:
        """Add tasks; one whose id exists is left as it is."""

    def get(self, task_id: str) -> Task | None:
        """The task, if it exists."""

    def open_for(self, worker: str) -> list[Task]:
        """Open tasks of one worker, oldest first."""

    def answer(self, task_id: str, worker: str, result: dict[str, Any]) -> bool:
        """Store a result; the first answer wins; false when the task is not this worker's or no longer open."""

    def refuse(self, task_id: str, worker: str, code: str, message: str) -> bool:
        """The worker could not do it."""

    def cancel(self, ticket_id: str) -> list[Task]:
        """Cancel all open tasks of a ticket; return them."""

    def withdraw(self, task_ids: Sequence[str]) -> list[Task]:
        """Cancel those of these tasks that are open; return them."""

    def wait(self, task_ids: Sequence[str], seconds: float) -> dict[str, Task]:
        """Wait until none of these is open, or `seconds` passed; return them all as they are."""

    def follow(self, stop: Callable[[], bool]) -> Iterator[Task]:
        """Tasks as they are added or cancelled (from a change stream), until `stop()`."""


class Nodes(Protocol):
    """Node providers: standing mirrored from the chain, presence from their connections."""

    def mirror(self, node: Node) -> None:
        """Insert or update what the chain says; presence fields are kept."""

    def seen(self, provider: str, at: float, presence: dict[str, Any] | None = None) -> None:
        """It is online now; `presence` may set role, hardware, framework, environment, zone, forecast, energy."""

    def gone(self, provider: str, at: float) -> None:
        """Its connection closed."""

    def rated(self, provider: str, baseline: Baseline) -> None:
        """What the rater knows of it; NotFound `node.unknown`."""

    def may_rest(self, provider: str, until: float) -> None:
        """Nobody is expected to need it until then (Unix seconds); ignored for a node that is not known."""

    def get(self, provider: str) -> Node | None:
        """By staking wallet."""

    def by_key(self, key: str) -> Node | None:
        """By machine key."""

    def all(self) -> list[Node]:
        """Every known node."""


@dataclass(frozen=True)
class StoredObject:
    """An object's size in bytes and SHA-256 (hex)."""

    key: str
    size: int
    sha256: str


class Objects(Protocol):
    """Bulk data. Keys are `/`-separated names of letters, digits, `.`, `_`, `-`."""

    def put(self, key: str, data: bytes) -> StoredObject:
        """Write whole; atomic."""

    def put_blocks(self, key: str, blocks: Iterable[bytes]) -> StoredObject:
        """Write what comes, of any length, without holding it; atomic."""

    def open(self, key: str) -> BinaryIO:
        """Read; NotFound `object.unknown`."""

    def stat(self, key: str) -> StoredObject | None:
        """Size and hash, None if absent."""

    def delete(self, prefix: str) -> None:
        """Remove all objects whose key starts with `prefix`."""

    def download_url(self, key: str, seconds: float, filename: str | None = None) -> str:
        """A signed GET URL, ranged."""

    def upload_url(self, key: str, seconds: float, max_bytes: int) -> str:
        """A signed URL for one PUT (or a resumable sequence of PUTs with Content-Range)."""


@dataclass(frozen=True)
class Letter:
    """A mail to one address. `key` makes its Message-ID, so that a repeated send can be recognised."""

    key: str
    to: str
    subject: str
    text: str


class Mail(Protocol):
    """Outgoing mail."""

    def send(self, letter: Letter) -> None:
        """Hand to the mail server; Recoverable `mail.unreachable`."""


@dataclass(frozen=True)
class ChainEvent:
    """A decoded, confirmed event. Addresses in `args` are checksummed, bytes are 0x hex."""

    contract: str
    name: str
    args: dict[str, Any]
    block: int
    log_index: int
    tx: str


@dataclass(frozen=True)
class JobOnChain:
    """The escrow's record of a job; `status` is its name in the contract (`None` as "None")."""

    job_id: str
    customer: str
    fee_wei: int
    deadline: int
    status: str
    commission_bps: int


class MarketChain(Protocol):
    """The market chain: escrow, staking, token."""

    chain_id: int
    escrow_address: str

    def job(self, job_id: str) -> JobOnChain:
        """The job's record."""

    def commission_bps(self) -> int:
        """Current commission for new jobs."""

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """All events of our contracts from `from_block` on, in order, and the next block to ask for."""

    def node(self, provider: str) -> Node:
        """A provider's standing."""

    def may_arbitrate(self, account: str) -> bool:
        """Whether an account decides contested accusations, or says who does."""

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:
        """Do a chain effect exactly once: check whether it is done, dry-run, send, wait for the receipt.

        Returns the transaction hash, or "" when nothing was left to do. Recoverable for anything a retry may mend
        (node down, window not over), Conflict `chain.rejected` when the contract refuses.
        """


class Rater(Protocol):
    """The market chain to the account that may set baselines."""

    def set_baseline(self, effect: SetBaseline) -> str:
        """Do it unless it is done; the transaction's hash. Recoverable, Conflict as `MarketChain.carry_out`."""


class StakesAt(Protocol):
    """The market chain's stake, block by block."""

    def stakes(self, block: int | None = None) -> Stakes:
        """At a block, else at the newest confirmed one."""


class Ledger(Protocol):
    """The energy ledger on the carbon chain."""

    chain_id: int
    address: str

    def head(self) -> LedgerHead:
        """Where it stands now."""

    def epoch(self, index: int) -> SealedEpoch:
        """A sealed epoch; NotFound `ledger.no_epoch`."""

    def holds(self, job_id: str) -> bool:
        """Whether a job stands in an epoch."""

    def is_final(self, index: int) -> bool:
        """Whether anything may be built on an epoch: its challenge window is over, and no challenge holds it up."""

    def write(self, effect: LedgerEffect) -> str:
        """Do it exactly once; the transaction's hash. Recoverable, Conflict as `MarketChain.carry_out`."""

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """Its events from `from_block` on, in order, and the next block to ask for."""


class CarbonChain(Protocol):
    """The carbon chain, for what a ticket has done there."""

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:
        """As `MarketChain.carry_out`, for the effects of the carbon chain."""


class Credits(Protocol):
    """The Eco Credits on the carbon chain, as anybody can read them."""

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """Their events from `from_block` on, in order, and the next block to ask for."""

    def holdings(self, account: str) -> tuple[Holding, ...]:
        """What an account holds, by month and zone; empty for whoever never had any."""

    def certificates(self, account: str | None = None) -> tuple[Certificate, ...]:
        """What was retired, by an account or by all, oldest first."""

    def certificate(self, number: int) -> Certificate:
        """One retirement; NotFound `credits.no_certificate`."""


class Intensities(Protocol):
    """What grids emit, by zone and hour."""

    def knows(self, zone: str) -> bool:
        """Whether figures for `zone` are its own or its country's; asks nobody outside."""

    def at(self, zone: str, when: float) -> Intensity:
        """The best figure known for `zone` (`ES`, `US-CAL-CISO`, `DE`, ...) at `when`; where the zone is unknown the world's
        average, whose `source` and `zone` (`domain.intensity.WORLD`) say so.
        """

    def ahead(self, zone: str, when: float, hours: int) -> tuple[Intensity, ...]:
        """What is expected for the hour of `when` and the following ones, `hours` in all, from what was known at `when`."""


class Publications(Protocol):
    """Trainings that were published on the carbon chain."""

    def find(self, dataset_sha256: str, recipe_sha256: str) -> tuple[Publication, ...]:
        """Those of this recipe on this dataset (hex), oldest first. Recoverable when the chain cannot be asked."""


class Prover(Protocol):
    """Zero-knowledge proofs about jobs' readings."""

    def prove(self, claim: GreenClaim) -> GreenProof:
        """A proof of the claim; Conflict `certificate.over_bound` where it is not true, NotYet while it is being made, Recoverable
        `certificate.prover` when the prover failed, Unrecoverable `certificate.no_keys`.
        """


class Certificates(Protocol):
    """Green certificates on the carbon chain."""

    def sealed(self, index: int) -> SealedJobs:
        """The jobs of an epoch of the energy ledger, and whether anything may be built on it; NotFound `ledger.no_epoch`."""

    def certify(self, statement: GreenStatement) -> str:
        """Have a proof checked and kept, once; the transaction's hash, also where it was done before. Recoverable, Conflict as
        `MarketChain.carry_out`.
        """

    def find(self, job_id: str) -> KeptCertificate | None:
        """What the chain keeps for a job."""


class Cursors(Protocol):
    """Where each follower stands, saved after its effects."""

    def load(self, name: str) -> int | None:
        """The saved position."""

    def save(self, name: str, position: int) -> None:
        """Save a position."""


class Sessions(Protocol):
    """Sign-in nonces and bearer sessions."""

    def new_nonce(self, at: float) -> str:
        """A single-use nonce."""

    def use_nonce(self, nonce: str, at: float) -> bool:
        """Consume a nonce not older than ten minutes; false if unknown, used or old."""

    def open(self, address: str, at: float) -> str:
        """Start a session; returns its bearer token (only a hash of it is stored)."""

    def address(self, token: str, at: float) -> str | None:
        """Whose session it is, None if unknown or expired."""

    def close(self, token: str) -> None:
        """End a session."""


class Signatures(Protocol):
    """Checking signatures of texts and typed data."""

    def signer(self, text: str, signature: str) -> str | None:
        """Checksum address that signed `text` (EIP-191), None for a malformed signature."""

    def typed_signer(self, document: dict[str, Any], signature: str) -> str | None:
        """Checksum address that signed an EIP-712 document."""
