"""One child process: in a group of its own, with a log file, known by PID and start time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

_POLL_SECONDS = 0.02


def spawn(
    command: tuple[str, ...], environment: Mapping[str, str], log: Path, cwd: Path
) -> subprocess.Popen[bytes]:
    """Start `command`, appending to `log`. The kernel kills it when the calling *thread* ends."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            ("setpriv", "--pdeathsig", "KILL", "--", *command),
            cwd=cwd,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C at the terminal is for the supervisor alone: it stops its children in order.
            start_new_session=True,
        )


def started_at(pid: int) -> int | None:
    """When the process started, in ticks since boot; None once it ended. A PID may come back, not with this."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    rest = stat.rpartition(")")[2].split()
    return None if rest[0] in "ZX" else int(rest[19])


def is_alive(pid: int, ticks: int) -> bool:
    """Whether this very process still runs."""
    return started_at(pid) == ticks


def send(pid: int, ticks: int, number: int) -> bool:
    """Signal this very process's group; False when it has ended."""
    if not is_alive(pid, ticks):
        return False
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)
    return True


def end(pid: int, ticks: int, patience_s: float) -> None:
    """SIGTERM, then SIGKILL to whatever is left of its group after `patience_s`."""
    if not send(pid, ticks, signal.SIGTERM):
        return
    _await_end(pid, ticks, patience_s)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    _await_end(pid, ticks, patience_s)


def _await_end(pid: int, ticks: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while is_alive(pid, ticks):
        if time.monotonic() > until:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def read_tail(log: Path, characters: int) -> str:
    """The end of a log file."""
    try:
        return log.read_text(encoding="utf-8", errors="replace")[-characters:].strip()
    except FileNotFoundError:
        return ""
