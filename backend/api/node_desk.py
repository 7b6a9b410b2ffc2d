"""Who is connected to this process, and which socket was handed which task. Knows nothing of sockets but their ids."""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable

from backend.domain.seat import Seat
from backend.domain.task import Task
from fl_nodes.protocol.tasks import Role

OPERATOR_ROLES = (Role.AGGREGATOR, Role.EVALUATOR)
CLOSED_REMEMBERED = 10_000


class NodeDesk:
    """Seats by socket and worker, and tasks by the seat that holds them. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seats: dict[str, Seat] = {}
        self._by_machine: dict[str, str] = {}
        self._by_worker: dict[str, dict[str, Seat]] = defaultdict(dict)
        self._held: dict[str, str] = {}
        self._closed: OrderedDict[str, None] = OrderedDict()

    def join(self, seat: Seat) -> list[str]:
        """Seat a proven connection; returns the sockets of the same machine that it replaces."""
        with self._lock:
            older = self._by_machine.get(seat.machine)
            replaced = [older] if older is not None and older != seat.sid else []
            for sid in (*replaced, seat.sid):
                self._remove(sid)
            self._seats[seat.sid] = self._by_worker[seat.worker][seat.sid] = seat
            self._by_machine[seat.machine] = seat.sid
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

    def hand_out(self, task: Task, machine: str | None = None) -> str | None:
        """The socket here to send this open task to, of one machine where several could do it; None if it has it or is not here."""
        with self._lock:
            sids = [seat.sid for seat in self._of(task.worker) if machine in (None, seat.machine)]
            if not sids or self._held.get(task.id) in sids or task.id in self._closed:
                return None
            self._held[task.id] = sids[0]
            return sids[0]

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
        with self._lock:
            return [seat.sid for worker in workers for seat in self._of(worker)]

    def _of(self, worker: str) -> Iterable[Seat]:
        return self._by_worker[worker].values() if worker in self._by_worker else ()

    def _remove(self, sid: str) -> Seat | None:
        seat = self._seats.pop(sid, None)
        if seat is None:
            return None
        del self._by_machine[seat.machine], self._by_worker[seat.worker][sid]
        if not self._by_worker[seat.worker]:
            del self._by_worker[seat.worker]
        self._held = {task: holder for task, holder in self._held.items() if holder != sid}
        return seat
