"""Machines that wait to be registered, in memory."""

from __future__ import annotations

import threading

from backend.domain.machine import Machine


class MemoryMachines:
    """`ports.Machines`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._machines: dict[tuple[str, str], Machine] = {}

    def put(self, machine: Machine) -> None:
        """Add one, or hear of it again."""
        with self._lock:
            self._machines[machine.provider, machine.key] = machine

    def of(self, provider: str, since: float) -> list[Machine]:
        """A provider's that were heard after `since`, by key."""
        with self._lock:
            found = [m for m in self._machines.values() if m.provider == provider and m.heard > since]
        return sorted(found, key=lambda machine: machine.key)
