"""Asking members for their signatures on one document of the energy ledger, and counting those that are good."""

from __future__ import annotations

from typing import Any

import structlog

from backend.domain.task import Task, TaskState
from backend.ports import Clock, Nodes, Signatures, Tasks
from fl_nodes.protocol.ledger_epoch import Member, bare, is_quorum
from fl_nodes.protocol.ledger_tasks import LedgerSignature
from fl_nodes.protocol.tasks import Role, TaskKind
from fl_nodes.protocol.wire import WireError, from_wire

log = structlog.get_logger()

LEDGER = "ledger"
"""Stands for a ticket in the tasks of the ledger."""


class Ballot:
    """One document, and which members have signed it."""

    def __init__(
        self,
        tasks: Tasks,
        nodes: Nodes,
        signatures: Signatures,
        clock: Clock,
        document: dict[str, Any],
        members: tuple[Member, ...],
    ) -> None:
        self._tasks, self._nodes, self._checked_by, self._clock = tasks, nodes, signatures, clock
        self._document = document
        self._members = members
        self._asked: dict[str, str] = {}
        self._signed: dict[str, str] = {}
        self._started = self._until = clock()
        self.refusals: dict[str, str] = {}

    def open(self, name: str, kind: TaskKind, payload: dict[str, Any], seconds: float) -> None:
        """Ask every member whose node is known; each question once, whoever asks again."""
        self._started = self._clock()
        self._until = self._started + seconds
        asked = []
        for member in self._members:
            node = self._nodes.by_key(member.key)
            if node is None:
                continue
            task_id = self._task_id(name, node.provider)
            self._asked[task_id] = member.key
            role = Role(node.role or Role.TRAINER)
            asked.append(Task(task_id, LEDGER, node.provider, role, kind, payload, self._until))
        self._tasks.put(asked)

    def count(self) -> None:
        """Take in the answers that came since the last time."""
        for task_id, task in self._tasks.wait(list(self._asked), 0).items():
            key = bare(self._asked[task_id])
            if key in self._signed or key in self.refusals:
                continue
            if task.state is TaskState.DONE:
                self._take_in(key, task)
            elif task.state is TaskState.FAILED:
                self.refusals[key] = task.message

    @property
    def seconds(self) -> float:
        """How long ago they were asked."""
        return self._clock() - self._started

    @property
    def is_over(self) -> bool:
        """Whether nobody else will answer: the time is up, or all have."""
        return self._clock() >= self._until or len(self._signed) + len(self.refusals) == len(self._asked)

    @property
    def has_quorum(self) -> bool:
        """Whether two thirds of the weight have signed."""
        return is_quorum(list(self._signed), self._members)

    @property
    def signatures(self) -> tuple[str, ...]:
        """In the order of the signers' keys."""
        return tuple(self._signed[key] for key in sorted(self._signed, key=lambda key: int(key, 16)))

    def signed(self, key: str) -> bool:
        """Whether this member has."""
        return bare(key) in self._signed

    def close(self) -> None:
        """Nobody need answer any more."""
        self._tasks.withdraw(list(self._asked))

    def _take_in(self, key: str, task: Task) -> None:
        try:
            answer = from_wire(LedgerSignature, task.result)
        except WireError as error:
            self.refusals[key] = str(error)
            return
        signer = self._checked_by.typed_signer(self._document, answer.signature) if answer.signature else None
        if signer is not None and bare(signer) == key:
            self._signed[key] = answer.signature
            return
        self.refusals[key] = answer.refusal or "the signature is not its key's"
        log.warning("ledger.unsigned", node=task.worker, why=self.refusals[key])

    def _task_id(self, name: str, provider: str) -> str:
        """A later attempt's after one that failed or was withdrawn."""
        attempt = 0
        while True:
            task_id = f"{LEDGER}/{name}/{provider}" + (f"~{attempt}" if attempt else "")
            known = self._tasks.get(task_id)
            if known is None or known.state in (TaskState.OPEN, TaskState.DONE):
                return task_id
            attempt += 1
