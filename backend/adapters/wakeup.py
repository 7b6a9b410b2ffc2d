"""A counter of changes that threads wait on, so that one between a read and a wait is not missed."""

from __future__ import annotations

import threading


class Wakeup:
    """Bumped by whoever notices a change; waiters name the count they last acted on."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._last = threading.local()

    def bump(self) -> None:
        """Wake every waiter."""
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def count(self) -> int:
        """The count to take before a read and hand to `wait` after it."""
        with self._changed:
            return self._count

    def wait(self, since: int, seconds: float) -> int:
        """Return the count once it differs from `since`, or after `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: self._count != since, max(seconds, 0.0))
            return self._count

    def wait_again(self, seconds: float) -> None:
        """As `wait`, since this thread's last `wait_again`; its first returns at once."""
        self._last.count = self.wait(getattr(self._last, "count", -1), seconds)
