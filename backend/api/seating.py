"""The sockets of this process beside those of all: who sits where, who is really gone, whose turn a task is.

Several API processes share one database and no memory. What each knows by itself is its desk; what all must agree on stands in
the database: one seat for each machine, and which of the operator's machines holds which task.
"""

from __future__ import annotations

from backend.api.node_desk import OPERATOR_ROLES, NodeDesk
from backend.api.parts import ApiParts
from backend.domain.seat import Seat
from backend.domain.task import Task

HELD_SECONDS = 15.0
"""How long an operator's task stays with its machine while no process says that it has the machine."""
BACK_SECONDS = 3.0
"""How long it waits for a machine whose socket closed: one that comes back goes on with it."""


class Seating:
    """What of it concerns the sockets of this process."""

    def __init__(self, parts: ApiParts) -> None:
        self.desk = NodeDesk()
        self._parts = parts

    def take(self, seat: Seat) -> set[str]:
        """Seat a proven connection; the sockets that it replaces, here or at another process."""
        # First for all to see: what is on the desk and elsewhere in the database was replaced (`keep`).
        before = self._parts.seats.take(seat, self._parts.clock())
        replaced = set(self.desk.join(seat))
        if before is not None and before.sid != seat.sid:
            replaced.add(before.sid)
        return replaced

    def leave(self, sid: str) -> Seat | None:
        """A socket of this process closed; its seat, unless its machine sits elsewhere by now."""
        seat = self.desk.leave(sid)
        if seat is None or not self._parts.seats.leave(seat.machine, sid):
            return None
        if seat.role in OPERATOR_ROLES:
            self._parts.tasks.keep_held([seat.machine], self._parts.clock() + BACK_SECONDS)
        return seat

    def hand_out(self, task: Task) -> str | None:
        """The socket here that an open task is to be sent to now; None where another process has it, or nobody."""
        if task.role not in OPERATOR_ROLES:
            return self.desk.hand_out(task)
        # Several machines could do it, and other processes look at it at this very moment.
        at = self._parts.clock()
        machines = [seat.machine for seat in self._parts.seats.of(task.worker, at)]
        holder = self._parts.tasks.hold(task.id, machines, at, at + HELD_SECONDS)
        return self.desk.hand_out(task, holder) if holder is not None else None

    def keep(self, now: float) -> set[str]:
        """Say that this process lives, and that its machines hold what they hold; the sockets here that were replaced elsewhere."""
        replaced, here = set(), self.desk.seats()
        self._parts.seats.present(self._parts.instance, now)
        seated = {seat.machine: seat.sid for seat in self._parts.seats.all(now)}
        for seat in here:
            if seat.machine not in seated:
                self._take_again(seat, now)
            elif seated[seat.machine] != seat.sid:
                replaced.add(seat.sid)
        machines = [seat.machine for seat in here if seat.role in OPERATOR_ROLES]
        self._parts.tasks.keep_held(machines, now + HELD_SECONDS)
        return replaced

    def _take_again(self, seat: Seat, now: float) -> None:
        """The others took this process for dead."""
        self._parts.seats.take(seat, now)
        if self.desk.seat(seat.sid) is None:
            self._parts.seats.leave(seat.machine, seat.sid)
