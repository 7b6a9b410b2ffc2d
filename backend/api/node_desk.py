"""Who is connected, and which socket was handed which task. Knows nothing of sockets but their ids."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from backend.domain.task import Task
from fl_nodes.protocol.tasks import Role

OPERATOR_ROLES = (Role.AGGREGATOR, Role.EVALUATOR)
CLOSED_REMEMBERED = 10_000


@dataclass(frozen=True)
class Seat:
    """One proven connection. `worker` is what tasks are addressed to: the provider, or an operator's role.

    Seats with the same `machine` replace each other: a node's key, or an operator process's role and name.
    """

    sid: str
    worker: str
    machine: str
    role: Role
    provider: str | None


class NodeDesk:
    """Seats by socket and worker, and tasks by the seat that holds them. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seats: dict[str, Seat] = {}
        self._held: dict[str, str] = {}
        self._closed: OrderedDict[str, None] = OrderedDict()
        self._turn: dict[str, int] = {}

    def join(self, seat: Seat) -> list[str]:
        """Seat a proven connection; returns the sockets of the same machine that it replaces."""
        with self._lock:
            replaced = [
                s.sid for s in self._seats.values() if s.machine == seat.machine and s.sid != seat.sid
            ]
            for sid in replaced:
                self._remove(sid)
            self._seats[seat.sid] = seat
            return replaced

    def leave(self, sid: str) -> Seat | None:
        """A socket closed; its seat, unless a newer one of the same machine had replaced it already."""
        with self._lock:
            return self._remove(sid)

    def seat(self, sid: str) -> Seat | None:
        """The seat of a socket."""
        with self._lock:
            return self._seats.get(sid)

    def seats(self) -> list[Seat]:
        """All seats."""
        with self._lock:
            return list(self._seats.values())

    def workers(self) -> set[str]:
        """Workers that have at least one seat."""
        return {seat.worker for seat in self.seats()}

    def hand_out(self, task: Task) -> str | None:
        """The socket to send this open task to, seats taking turns; None if nobody is there or one has it."""
        with self._lock:
            if self._held.get(task.id) in self._seats or task.id in self._closed:
                return None
            sids = [seat.sid for seat in self._seats.values() if seat.worker == task.worker]
            if not sids:
                return None
            turn = self._turn.get(task.worker, 0)
            self._turn[task.worker] = turn + 1
            self._held[task.id] = sids[turn % len(sids)]
            return self._held[task.id]

    def let_go(self, task_id: str) -> str | None:
        """The task is closed: late news of it must not send it again. Returns the socket that held it."""
        with self._lock:
            self._closed[task_id] = None
            if len(self._closed) > CLOSED_REMEMBERED:
                self._closed.popitem(last=False)
            sid = self._held.pop(task_id, None)
            return sid if sid in self._seats else None

    def sockets_of(self, workers: set[str]) -> list[str]:
        """Sockets of these workers."""
        return [seat.sid for seat in self.seats() if seat.worker in workers]

    def _remove(self, sid: str) -> Seat | None:
        seat = self._seats.pop(sid, None)
        self._held = {task: holder for task, holder in self._held.items() if holder != sid}
        return seat
