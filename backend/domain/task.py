"""A unit of work for one connected worker. Its id is derived from what it asks: handed out twice is handed out once."""

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
    """`worker` is a provider's address; for the operator's own workers it is the role's name."""

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
