"""One running job: its parts, its object keys, and how it asks workers and waits for them."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from backend.dispatch import worker_objects
from backend.dispatch.deadlines import Patience
from backend.domain.task import Task, TaskState
from backend.domain.ticket import Status, Ticket
from backend.energy.world_average import WorldAverage
from backend.errors import Conflict, Recoverable
from backend.ports import (
    Clock,
    Intensities,
    MarketChain,
    Nodes,
    Objects,
    Signatures,
    StoredObject,
    Tasks,
    Tickets,
)
from fl_nodes.protocol.hashing import canonical_json
from fl_nodes.protocol.tasks import ObjectRef, Role, Stored, TaskKind, Upload
from fl_nodes.protocol.wire import WireError, from_wire, to_wire

log = structlog.get_logger()

T = TypeVar("T")

POLL_SECONDS = 1.0
CLOSING_POLL_SECONDS = 0.25

MayClose = Callable[[Mapping[str, Task], float, int], bool]
"""(answered tasks by worker, seconds so far, how many more are to be expected) -> whether to wait no longer."""


@dataclass(frozen=True)
class JobParts:
    """What a job needs of the world."""

    tickets: Tickets
    tasks: Tasks
    nodes: Nodes
    objects: Objects
    signatures: Signatures
    market: MarketChain
    clock: Clock
    secret: bytes
    patience: Patience = field(default_factory=Patience)
    absence_seconds: float = 45.0
    intensities: Intensities = field(default_factory=WorldAverage)


class JobEnded(Exception):
    """The ticket left the states in which a job runs, or its lease went to another dispatcher: stop without a trace."""


@dataclass(frozen=True)
class Ask:
    """A question to one worker."""

    worker: str
    role: Role
    kind: TaskKind
    name: str
    payload: Any


class Job:
    """A ticket being worked on. Holds no state of its own beyond its parts: everything needed to resume is stored."""

    def __init__(self, ticket: Ticket, parts: JobParts, alive: Callable[[], bool] = lambda: True) -> None:
        self.id = ticket.id
        self.parts = parts
        self._alive = alive
        self._absent_since: dict[str, float] = {}
        self._keys: dict[str, str] = {}
        self._handed: dict[tuple[str, str], tuple[str, float]] = {}

    @property
    def ticket(self) -> Ticket:
        """The ticket as it is now."""
        return self.parts.tickets.get(self.id)

    def check_running(self) -> Ticket:
        """The ticket, or JobEnded if this dispatcher should no longer work on it."""
        ticket = self.ticket
        if not self._alive() or ticket.status not in (Status.RUNNING, Status.VERIFYING):
            raise JobEnded(f"{ticket.id} is {ticket.status}")
        return ticket

    # --- objects ---------------------------------------------------------------------------------------------

    def key(self, *names: object) -> str:
        """Object key of something that belongs to this job."""
        return "/".join(["jobs", self.id, *map(str, names)])

    def ref(self, key: str) -> ObjectRef:
        """A reference that workers can fetch."""
        return worker_objects.ref(self.parts.objects, key)

    def upload(self, key: str) -> Upload:
        """Where a worker may put something."""
        return worker_objects.upload(self.parts.objects, key)

    def stored(self, claimed: Stored) -> StoredObject:
        """What a worker says it stored, checked against storage."""
        there = self.parts.objects.stat(claimed.key)
        if there is None or there.sha256 != claimed.sha256:
            raise Recoverable(
                "object.not_as_claimed", f"Object {claimed.key} is not in storage as its worker claims."
            )
        return there

    def save_json(self, key: str, value: Any) -> StoredObject:
        """Store a JSON document in canonical form."""
        return self.parts.objects.put(key, canonical_json(to_wire(value)))

    def load_json(self, key: str) -> Any | None:
        """A stored JSON document, None if absent."""
        if self.parts.objects.stat(key) is None:
            return None
        with self.parts.objects.open(key) as file:
            return json.load(file)

    # --- secrets ---------------------------------------------------------------------------------------------

    def nonce(self, round_number: int) -> str:
        """The round's challenge nonce (hex): fixed before the round starts, unknown outside until it is published."""
        return hmac.new(
            self.parts.secret, f"challenge|{self.id}|{round_number}".encode(), hashlib.sha256
        ).hexdigest()

    # --- workers ---------------------------------------------------------------------------------------------

    def ask(
        self, questions: Sequence[Ask], seconds: float, may_close: MayClose | None = None
    ) -> dict[str, Task]:
        """Hand out tasks and wait: until all are answered, the time is up, or those that are missing have gone away.

        With `may_close` it is asked, now and then, instead of giving up on all who have gone away. Returns each worker's task as
        it ended, without those that did not end: `withdraw` them, or they may still be answered.
        """
        ids = self.hand_out(questions, seconds)
        started = min((self._handed.pop((q.name, q.worker))[1] for q in questions), default=0.0)
        deadline = started + seconds
        while True:
            tasks = self.parts.tasks.wait(
                list(ids), POLL_SECONDS if may_close is None else CLOSING_POLL_SECONDS
            )
            waiting = [t for t in tasks.values() if t.state is TaskState.OPEN]
            now = self.parts.clock()
            missing = [t for t in waiting if not self._gone(t, now)]
            if may_close is None:
                closes = not missing
            else:
                done = {ids[i].worker: t for i, t in tasks.items() if t.state is TaskState.DONE}
                closes = may_close(done, now - started, len(missing))
            if closes or not waiting or now >= deadline:
                break
            self.check_running()
        for task in waiting:
            log.warning("task.unanswered", task=task.id, worker=task.worker, kind=task.kind)
        for task in tasks.values():
            if task.state is TaskState.FAILED:
                log.warning(
                    "task.failed", task=task.id, worker=task.worker, code=task.code, message=task.message
                )
        return {ids[task_id].worker: task for task_id, task in tasks.items() if task.state is TaskState.DONE}

    def hand_out(self, questions: Sequence[Ask], seconds: float) -> dict[str, Ask]:
        """Hand out tasks without waiting: the questions by task. The time of a later `ask` of the same counts from here."""
        now = self.parts.clock()
        fresh = self._task_ids([q for q in questions if (q.name, q.worker) not in self._handed])
        self.parts.tasks.put(
            [
                Task(task_id, self.id, q.worker, q.role, q.kind, to_wire(q.payload), now + seconds)
                for task_id, q in fresh.items()
            ]
        )
        self._handed |= {(q.name, q.worker): (task_id, now) for task_id, q in fresh.items()}
        return {self._handed[q.name, q.worker][0]: q for q in questions}

    def withdraw(self, questions: Sequence[Ask]) -> None:
        """Take back those of these questions that nobody has answered: whoever is at one stops working on it."""
        handed = [
            self._handed.pop((q.name, q.worker))[0] for q in questions if (q.name, q.worker) in self._handed
        ]
        for task in self.parts.tasks.withdraw(handed or list(self._task_ids(questions))):
            log.info("task.withdrawn", task=task.id, worker=task.worker)

    def _task_ids(self, questions: Sequence[Ask]) -> dict[str, Ask]:
        """The questions by name; a later attempt's after one that failed or was cancelled."""
        ids: dict[str, Ask] = {}
        left = {f"{self.id}/{q.name}/{q.worker}": q for q in questions}
        attempt = 0
        while left:
            known = self.parts.tasks.wait(list(left), 0)
            over = {i for i, t in known.items() if t.state in (TaskState.FAILED, TaskState.CANCELLED)}
            ids |= {i: q for i, q in left.items() if i not in over}
            attempt += 1
            left = {f"{self.id}/{q.name}/{q.worker}~{attempt}": q for i, q in left.items() if i in over}
        return ids

    def ask_one(
        self, role: Role, kind: TaskKind, name: str, payload: Any, answer: type[T], seconds: float
    ) -> T:
        """Ask one of the operator's own workers; Recoverable if it does not answer in time or refuses."""
        done = self.ask([Ask(role.value, role, kind, name, payload)], seconds)
        if role.value not in done:
            raise Recoverable("worker.no_answer", f"No {role} answered {name} of {self.id} in time.")
        return from_wire(answer, done[role.value].result)

    def answers(self, done: dict[str, Task], answer: type[T]) -> dict[str, T]:
        """Decode answers; a malformed one is dropped and logged."""
        decoded = {}
        for worker, task in done.items():
            try:
                decoded[worker] = from_wire(answer, task.result)
            except WireError as error:
                log.warning("answer.malformed", task=task.id, worker=worker, why=str(error))
        return decoded

    def _gone(self, task: Task, now: float) -> bool:
        """Whether a worker has been away for so long that nobody waits for it; it was waited for once in the job at most."""
        if task.role not in (Role.TRAINER, Role.VALIDATOR):
            return False
        node = self.parts.nodes.get(task.worker)
        if node is not None and node.online:
            self._absent_since.pop(task.worker, None)
            return False
        return now - self._absent_since.setdefault(task.worker, now) > self.parts.absence_seconds

    def key_of(self, provider: str) -> str:
        """The signing key of a node's machine, which stays the same while it holds a job."""
        if provider not in self._keys:
            node = self.parts.nodes.get(provider)
            if node is None:
                raise Conflict("node.unknown", f"Node {provider} holds the job but is not known.")
            self._keys[provider] = node.key
        return self._keys[provider]
