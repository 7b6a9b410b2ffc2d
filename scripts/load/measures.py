"""What is measured from outside: memory and processor time of processes, and how long requests take."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

PAUSE_SECONDS = 0.2
ANSWER_SECONDS = 30.0
KIB = 1024
ENDED = (FileNotFoundError, ProcessLookupError)
"""What reading of a process or thread that is no more raises."""


def spread(seconds: Sequence[float]) -> dict[str, Any]:
    """How many, and the 50th and 99th percentile and the longest in milliseconds."""
    if not seconds:
        return {"count": 0}
    ranked = sorted(seconds)
    at = {f"p{p}_ms": ranked[min(len(ranked) - 1, len(ranked) * p // 100)] for p in (50, 99)}
    return {"count": len(ranked)} | {
        name: round(value * 1000, 1) for name, value in (at | {"max_ms": ranked[-1]}).items()
    }


@dataclass(frozen=True)
class Usage:
    """A process and its children at a moment: resident MB, processor seconds so far, threads."""

    rss_mb: float
    cpu_seconds: float
    threads: int


def usage(pid: int) -> Usage:
    """Of a process that runs, and of those that it started: a chain is kept by a process of its own. What of them ends meanwhile is
    left out; FileNotFoundError or ProcessLookupError where the process itself is no more."""
    parts = [_own(pid)]
    for child in _children(pid):
        with suppress(*ENDED):
            parts.append(usage(child))
    return Usage(
        round(sum(part.rss_mb for part in parts), 1),
        round(sum(part.cpu_seconds for part in parts), 2),
        sum(part.threads for part in parts),
    )


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(*ENDED):
            found += [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
    return found


def _own(pid: int) -> Usage:
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    )
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    ticks = sum(int(each) for each in fields[11:13])
    return Usage(
        # A child that has ended and was not waited for yet holds none.
        round(int(status.get("VmRSS", "0").split()[0]) / KIB, 1),
        round(ticks / os.sysconf("SC_CLK_TCK"), 2),
        int(status["Threads"]),
    )


def usages(pids: Mapping[str, int]) -> dict[str, Usage]:
    """Of processes by name."""
    return {name: usage(pid) for name, pid in pids.items()}


@dataclass
class Probe:
    """Asks for pages in turn, over and over, on a thread of its own; `taken()` gives what was measured since the last time."""

    api_url: str
    token: str
    pages: Mapping[str, str]
    _seconds: dict[str, list[float]] = field(default_factory=dict)
    _failures: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, daemon=True, name="probe")
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self._thread.join(ANSWER_SECONDS)

    def taken(self) -> dict[str, dict[str, Any]]:
        """By page."""
        with self._lock:
            seconds, self._seconds = self._seconds, {}
            failures, self._failures = self._failures, {}
        return {
            page: spread(seconds.get(page, ())) | {"failed": failures.get(page, 0)} for page in self.pages
        }

    def _run(self) -> None:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {self.token}"
        while not self._stopping.is_set():
            for page, path in self.pages.items():
                began = time.monotonic()
                try:
                    fine = session.get(self.api_url + path, timeout=ANSWER_SECONDS).ok
                except requests.RequestException:
                    fine = False
                with self._lock:
                    self._seconds.setdefault(page, []).append(time.monotonic() - began)
                    self._failures[page] = self._failures.get(page, 0) + (not fine)
            self._stopping.wait(PAUSE_SECONDS)
