"""The events of a chain in memory: every act is a block of its own."""

from __future__ import annotations

from typing import Any

from backend.ports import ChainEvent


class Journal:
    """An ever-growing list of events."""

    def __init__(self) -> None:
        self._events: list[ChainEvent] = []

    def tell(self, contract: str, name: str, said: dict[str, Any]) -> str:
        """Something happened; its transaction's hash."""
        block = len(self._events) + 1
        tx = f"0x{block:064x}"
        self._events.append(ChainEvent(contract, name, said, block, 0, tx))
        return tx

    def since(self, block: int) -> tuple[list[ChainEvent], int]:
        """Events from `block` on, and the next block to ask for."""
        return [e for e in self._events if e.block >= block], max(block, len(self._events) + 1)

    def of_job(self, job_id: str) -> list[ChainEvent]:
        """The escrow's events about one job."""
        return [e for e in self._events if e.contract == "JobEscrow" and e.args.get("jobId") == job_id]

    def tx_of(self, name: str, **said: Any) -> str:
        """Transaction of the newest event of that name and arguments, "" if there is none."""
        found = [e.tx for e in self._events if e.name == name and said.items() <= e.args.items()]
        return found[-1] if found else ""
