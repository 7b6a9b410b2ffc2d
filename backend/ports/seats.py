"""Which connected worker sits at which of the API's processes."""

from __future__ import annotations

from typing import Protocol

from backend.domain.seat import Seat
from fl_nodes.protocol.tasks import Role

SILENT_SECONDS = 15.0
"""A process that was not heard of for so long has no seats any more."""


class Seats(Protocol):
    """One seat for each machine, whichever process holds its socket. Times are Unix seconds."""

    def take(self, seat: Seat, at: float) -> Seat | None:
        """Seat a machine at a process that lives `at` this time; the seat that it had before, at whichever process."""

    def leave(self, machine: str, sid: str) -> bool:
        """Its socket closed; false where the machine sits elsewhere by now."""

    def present(self, api: str, at: float) -> None:
        """This process lives; the seats of those that fell silent are cleared."""

    def all(self, at: float) -> list[Seat]:
        """Seats at processes that live, by machine."""

    def of(self, worker: str, at: float) -> list[Seat]:
        """One worker's, by machine."""

    def counts(self, at: float) -> dict[Role, int]:
        """How many seats each role has."""
