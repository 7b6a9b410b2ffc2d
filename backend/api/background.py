"""The API's own threads: push tasks to workers, show ticket changes, keep presence true."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from backend.api.node_socket import NodeSocket
from backend.api.parts import ApiParts
from backend.api.ticket_socket import TicketSocket

LOG = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
LOOK_PAUSE_SECONDS = 0.05
SWEEP_SECONDS = 5.0
RETRY_SECONDS = 0.5


class Background:
    """Starts the threads on `start()`, ends them on `stop()`."""

    def __init__(self, parts: ApiParts, nodes: NodeSocket, tickets: TicketSocket) -> None:
        self._parts = parts
        self._nodes = nodes
        self._tickets = tickets
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads; once."""
        for name, work in (("tasks", self._tasks), ("tickets", self._look), ("presence", self._sweep)):
            thread = threading.Thread(
                target=self._keep_doing, args=(name, work), daemon=True, name=f"api-{name}"
            )
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """Ask the threads to end, and wait a little for them."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(2.0)

    def _keep_doing(self, name: str, work: Callable[[], None]) -> None:
        while not self._stopping.is_set():
            try:
                work()
            except Exception:
                LOG.exception("background_crashed", thread=name)
                self._stopping.wait(RETRY_SECONDS)

    def _tasks(self) -> None:
        for task in self._parts.tasks.follow(self._stopping.is_set):
            self._nodes.deliver(task)

    def _look(self) -> None:
        self._parts.tickets.wait_change(LOOK_SECONDS)
        self._stopping.wait(LOOK_PAUSE_SECONDS)
        self._tickets.look()

    def _sweep(self) -> None:
        self._stopping.wait(SWEEP_SECONDS)
        if not self._stopping.is_set():
            self._nodes.sweep()
