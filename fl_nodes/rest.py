"""What a node does when nobody is expected to need it: the command that its provider named for that, such as suspending the
machine until then.

The node's own process has nothing worth giving up: while it waits it takes next to no CPU time, and starting TensorFlow anew costs
more than hours of that. What a machine draws while it idles is for the machine to save.
"""

from __future__ import annotations

import shlex
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

log = structlog.get_logger()

LEAST_SECONDS = 300.0
"""Shorter rests are not worth waking for."""


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError) as error:
        log.warning("rest.failed", command=command[0], why=str(error))


@dataclass
class Rest:
    """Follows `rest` hints. In `command` the word `{seconds}` stands for how long; None only says that it could."""

    command: str | None
    is_idle: Callable[[], bool]
    clock: Callable[[], float] = time.time
    run: Callable[[Sequence[str]], None] = _run

    def hinted(self, until: float) -> None:
        """Nobody is expected to need this machine until then (Unix seconds). Returns at once."""
        seconds = int(until - self.clock())
        if seconds < LEAST_SECONDS or not self.is_idle():
            return
        log.info("rest.possible", seconds=seconds, command=self.command or "")
        if self.command is not None:
            words = [w.replace("{seconds}", str(seconds)) for w in shlex.split(self.command)]
            threading.Thread(target=self.run, args=(words,), name="rest", daemon=True).start()
