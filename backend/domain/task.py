"""A unit of work handed to one connected worker. Its id is derived from what it asks, so handing it out twice is once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from fl_nodes.protocol.tasks import Role, TaskKind


class TaskState(StrEnum):
    """A task is open until answered, refused by its worker, or cancelled."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Task:
    """`worker` is a provider address for trainers and validators; for the operator's own workers it is the role's name."""

    id: str
    ticket_id: str
    worker: str
    role: Role
    kind: TaskKind
    payload: dict[str, Any]
    deadline: float
    state: TaskState = TaskState.OPEN
    result: dict[str, Any] | None = None
    code: str = ""
    message: str = ""
