"""Who is connected, in memory."""

from __future__ import annotations

import threading
from collections import Counter

from backend.domain.seat import Seat
from backend.ports.seats import SILENT_SECONDS
from fl_nodes.protocol.tasks import Role


class MemorySeats:
    """`ports.Seats`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seats: dict[str, Seat] = {}
        self._seen: dict[str, float] = {}

    def take(self, seat: Seat, at: float) -> Seat | None:
        """Seat a machine; the seat that it had before."""
        with self._lock:
            before = self._seats.get(seat.machine)
            self._seen[seat.api] = max(self._seen.get(seat.api, at), at)
            self._seats[seat.machine] = seat
            return before

    def leave(self, machine: str, sid: str) -> bool:
        """Its socket closed; false where the machine sits elsewhere by now."""
        with self._lock:
            seat = self._seats.get(machine)
            if seat is None or seat.sid != sid:
                return False
            del self._seats[machine]
            return True

    def present(self, api: str, at: float) -> None:
        """This process lives; the seats of those that fell silent are cleared."""
        with self._lock:
            self._seen[api] = at
            self._seats = {machine: seat for machine, seat in self._seats.items() if self._alive(seat, at)}

    def all(self, at: float) -> list[Seat]:
        """Seats at processes that live, by machine."""
        with self._lock:
            alive = [seat for seat in self._seats.values() if self._alive(seat, at)]
        return sorted(alive, key=lambda seat: seat.machine)

    def of(self, worker: str, at: float) -> list[Seat]:
        """One worker's, by machine."""
        return [seat for seat in self.all(at) if seat.worker == worker]

    def counts(self, at: float) -> dict[Role, int]:
        """How many seats each role has."""
        found = Counter(seat.role for seat in self.all(at))
        return {role: found[role] for role in Role}

    def _alive(self, seat: Seat, at: float) -> bool:
        return self._seen.get(seat.api, float("-inf")) > at - SILENT_SECONDS
