"""What is kept: tickets, effects, tasks, nodes and cursors."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from backend.domain.effects import Effect
from backend.domain.machine import Machine
from backend.domain.node import Node
from backend.domain.rating import Baseline
from backend.domain.rating_step import RatingStep
from backend.domain.task import Task
from backend.domain.ticket import Change, Ticket

Clock = Callable[[], float]
"""Unix time in seconds."""


Standing = dict[str, tuple[int, float]]
"""What waits, by its state: how many, and since when the oldest does (Unix seconds). A state that nothing is in is left out."""


class Tickets(Protocol):
    """Tickets and the effects their steps produce, written in one transaction."""

    def add(self, ticket: Ticket) -> None:
        """Store a new ticket; Conflict `ticket.exists` if its id or ref is taken."""

    def get(self, ticket_id: str) -> Ticket:
        """The ticket; NotFound `ticket.unknown`."""

    def by_job(self, job_id: str) -> Ticket | None:
        """The ticket of an on-chain job, if it is ours."""

    def find(
        self,
        *,
        statuses: Sequence[str] | None = None,
        customers: Sequence[str] | None = None,
        limit: int = 100,
        before: str | None = None,
    ) -> list[Ticket]:
        """Any of these customers' tickets, newest first; older ones than the id `before`: NotFound `ticket.unknown`."""

    def on_chain(
        self, *, statuses: Sequence[str] | None = None, before: str | None = None, limit: int = 50
    ) -> list[Ticket]:
        """Tickets whose jobs the market chain knows, newest first; of those only that are older than that of job `before`."""

    def telling(self, word: str, limit: int = 20) -> list[Ticket]:
        """Tickets that the chains tell of by this word (`Ticket.public_words`), newest first."""

    def changed_since(self, at: float | None) -> Iterator[Ticket]:
        """Tickets that were added or changed at `at` or later by this store's clock, in no order; all of them for None."""

    def versions(
        self, *, ids: Sequence[str] | None = None, statuses: Sequence[str] | None = None
    ) -> dict[str, int]:
        """Versions by id, of those of these tickets that exist or of all in these statuses: a look that reads no ticket."""

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


@dataclass(frozen=True)
class TroubledEffect:
    """An effect that does not go through: `failed` was given up, `open` is tried again at `not_before` (Unix seconds); `why` is the
    last sentence about it."""

    key: str
    kind: str
    ticket_id: str
    state: str
    attempts: int
    not_before: float
    why: str


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

    def redo(self, kinds: Sequence[str], since: float) -> int:
        """Open those of these classes again that were done or given up at `since` (Unix seconds) or later: the chain took back
        what they did, or what they built on; how many."""

    def troubled(self, limit: int = 100) -> list[TroubledEffect]:
        """Those given up, then open ones that were tried in vain, each oldest first."""

    def standing(self) -> Standing:
        """How many are open and how many given up, and since when the oldest of each waits."""

    def reopen(self, key: str) -> bool:
        """Try one that was given up again, now; false where none of that key was given up."""

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

    def standing(self) -> Standing:
        """How many are open, and since when the oldest is."""

    def answer(self, task_id: str, worker: str, result: dict[str, Any]) -> bool:
        """Store a result; the first answer wins; false when the task is not this worker's or no longer open."""

    def refuse(self, task_id: str, worker: str, code: str, message: str) -> bool:
        """The worker could not do it."""

    def cancel(self, ticket_id: str) -> list[Task]:
        """Cancel all open tasks of a ticket; return them."""

    def withdraw(self, task_ids: Sequence[str]) -> list[Task]:
        """Cancel those of these tasks that are open; return them."""

    def hold(self, task_id: str, machines: Sequence[str], at: float, until: float) -> str | None:
        """Which of several machines does an open task: the one whose hold lives at `at`, else the least busy of `machines`, which
        holds it `until` then; None where it is not open or there is none."""

    def keep_held(self, machines: Sequence[str], until: float) -> None:
        """What these machines hold is theirs `until` then, be that later or sooner than it was."""

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

    def present(self, providers: Collection[str], at: float) -> None:
        """All these are online now, in one write; who is not known is ignored."""

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


class Machines(Protocol):
    """Machines that answered an invitation and wait to be registered."""

    def put(self, machine: Machine) -> None:
        """Add one, or hear of it again."""

    def of(self, provider: str, since: float) -> list[Machine]:
        """A provider's that were heard after `since` (Unix seconds), by key."""


class RatingSteps(Protocol):
    """What moved nodes' ratings, as the chain said it."""

    def add(self, steps: Sequence[RatingStep]) -> None:
        """Keep these; one that is kept already is left as it is."""

    def of(self, provider: str) -> list[RatingStep]:
        """A provider's, in the order of the chain."""

    def forget(self, from_block: int) -> None:
        """Drop those of this block and later ones: the chain took them back."""


@dataclass(frozen=True)
class Landmark:
    """A block that a follower has come by, and when (Unix seconds); `told` where it held events."""

    block: int
    hash: str
    at: float
    told: bool = False


class Cursors(Protocol):
    """Where each follower stands, saved after its effects, and by which blocks it came there."""

    def load(self, name: str) -> int | None:
        """The saved position."""

    def save(self, name: str, position: int) -> None:
        """Save a position."""

    def landmarks(self, name: str) -> list[Landmark]:
        """A follower's, newest first: blocks that told something, and the newest of the others."""

    def mark(self, name: str, landmark: Landmark) -> None:
        """Remember a block; some hundred are kept."""

    def forget(self, name: str, from_block: int) -> None:
        """Drop the landmarks from this block on."""
