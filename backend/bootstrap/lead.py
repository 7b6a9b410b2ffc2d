"""One of several like processes does what two must not do at once; the others stand by. By a lease in the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog

from backend.errors import EcoError
from backend.ports import Tickets

log = structlog.get_logger()

LEASE_SECONDS = 6.0


class Lead:
    """Whether this process leads. It says no by itself where it could not renew its lease in time, also after it was suspended."""

    def __init__(
        self,
        tickets: Tickets,
        name: str,
        owner: str,
        seconds: float = LEASE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._tickets = tickets
        self._name = name
        self._owner = owner
        self._seconds = seconds
        self._clock = clock
        self._until = float("-inf")

    def __call__(self) -> bool:
        """Whether it leads at this moment."""
        return self._clock() < self._until

    def run(self, stop: Callable[[], bool]) -> None:
        """Claim and renew in a thread until `stop()`; who leads when that comes steps down by itself, when its work is over."""

        def keep() -> None:
            pause = threading.Event()
            while not stop():
                self.renew()
                pause.wait(self._seconds / 4)

        threading.Thread(target=keep, daemon=True, name=f"lead-{self._name}").start()

    def renew(self) -> None:
        """Claim the lease, or make it last."""
        led, asked = self(), self._clock()
        try:
            if self._tickets.claim(self._name, self._owner, self._seconds):
                # Counted from before it was asked for: it ends here before it ends for the others.
                self._until = asked + self._seconds
            else:
                self._until = float("-inf")
        except EcoError as error:
            log.warning("lead.unrenewed", what=self._name, code=error.code)
        if self() != led:
            log.info("lead.taken" if self() else "lead.lost", what=self._name, owner=self._owner)

    def step_down(self) -> None:
        """The work is over: another may lead at once."""
        self._until = float("-inf")
        try:
            self._tickets.release(self._name, self._owner)
        except EcoError as error:
            log.warning("lead.kept", what=self._name, code=error.code)
