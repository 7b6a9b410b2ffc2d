"""The running processes of a stack: started, watched, brought back, ended."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from backend.errors import EX_CONFIG
from scripts.stack import process
from scripts.stack.config import ROOT
from scripts.stack.parts import Part
from scripts.stack.record import Known

_LOOK_SECONDS = 0.2
_FIRST_PAUSE_SECONDS = 1.0
_STEADY_SECONDS = 60.0


@dataclass
class Child:
    """A started part. `returncode` is None while it runs; `wanted` is False once it was ended on purpose."""

    part: Part
    popen: subprocess.Popen[bytes]
    known: Known
    since: float
    wanted: bool = True
    deaths: int = 0
    due: float | None = None

    @property
    def alive(self) -> bool:
        return self.popen.poll() is None

    @property
    def returncode(self) -> int | None:
        return self.popen.poll()


@dataclass
class Children:
    """Every child by name, in the order of starting. `changed` is called whenever one started or ended.

    With `restart`, a child that dies comes back after a pause that grows with each death, up to `longest_pause_s`, unless it ended
    with 78: then only its operator can help, as docs/admin.md says.
    """

    logs: Path
    say: Callable[[str], None]
    changed: Callable[[], None]
    restart: bool = False
    longest_pause_s: float = 30.0
    _children: dict[str, Child] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _closed: threading.Event = field(default_factory=threading.Event)
    # The kernel kills children when the thread that forked them ends: one lasting thread forks them all.
    _forker: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "forker"))

    def __post_init__(self) -> None:
        self._watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        self._watcher.start()

    def start(self, part: Part) -> Child:
        """Start a part, or bring back one that ended."""
        log = self.logs / f"{part.name}.log"
        environment: Mapping[str, str] = part.environment
        with self._lock:
            earlier = self._children.get(part.name)
            if earlier and earlier.alive:
                return earlier
            popen = self._forker.submit(process.spawn, part.command, environment, log, ROOT).result()
            known = Known(popen.pid, process.started_at(popen.pid) or 0)
            child = Child(part, popen, known, time.monotonic(), deaths=earlier.deaths if earlier else 0)
            self._children[part.name] = child
        self.changed()
        return child

    def get(self, name: str) -> Child:
        """A started child; KeyError when there is none of that name."""
        return self._children[name]

    def all(self) -> dict[str, Child]:
        """Every child that was started."""
        with self._lock:
            return dict(self._children)

    def kill(self, name: str, number: int) -> None:
        """Signal a child; it is not brought back if it ends."""
        child = self.get(name)
        child.wanted = False
        process.send(child.known.pid, child.known.ticks, number)

    def stop(self, names: Iterable[str]) -> None:
        """End these children together; return when none of them runs."""
        ending = [child for name in names if (child := self._children.get(name))]
        for child in ending:
            child.wanted = False
        with ThreadPoolExecutor(max(1, len(ending))) as pool:
            list(pool.map(_end, ending))
        self.changed()

    def close(self) -> None:
        """Forget about watching; call when every child has ended."""
        self._closed.set()
        self._watcher.join()
        self._forker.shutdown()

    def _watch(self) -> None:
        while not self._closed.wait(_LOOK_SECONDS):
            for child in self.all().values():
                if child.wanted and not child.alive:
                    self._died(child)

    def _died(self, child: Child) -> None:
        name = child.part.name
        restart = self.restart and child.returncode != EX_CONFIG
        if child.due is None:
            steady = time.monotonic() - child.since > _STEADY_SECONDS
            child.deaths = 1 if steady else child.deaths + 1
            pause = min(_FIRST_PAUSE_SECONDS * 2.0 ** (child.deaths - 1), self.longest_pause_s)
            child.due = time.monotonic() + pause
            then = f"starting it again in {pause:.0f} s" if restart else "it stays down"
            self.say(f"{name}: ended with {child.returncode}; {then} (see {self.logs / name}.log)")
            self.changed()
        if not restart:
            child.wanted = False
        elif time.monotonic() >= child.due:
            self.start(child.part)


def _end(child: Child) -> None:
    process.end(child.known.pid, child.known.ticks, child.part.patience_s)
    child.popen.wait()
