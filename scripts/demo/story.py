"""Telling what happens while it happens: headings, lines with the seconds passed,
and a progress line where someone watches."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO, TypeVar

T = TypeVar("T")


class Broken(Exception):
    """Something promised did not happen. `part` names the process whose log tells more, if one is known."""

    def __init__(self, sentence: str, part: str | None = None) -> None:
        super().__init__(sentence)
        self.part = part


@dataclass
class Story:
    """Prints to `out`, each line with the seconds since the start. Safe to use from several threads."""

    out: TextIO = field(default_factory=lambda: sys.stdout)
    started: float = field(default_factory=time.monotonic)
    stages: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _progress: bool = False

    def heading(self, text: str) -> None:
        """A new part of the story."""
        self._print(f"\n== {text}")

    def line(self, text: str, who: str = "") -> None:
        """One thing that happened; `who` says so."""
        passed = time.monotonic() - self.started
        self._print(f"{passed:6.1f}s  {who + ': ' if who else ''}{text}")

    def progress(self, text: str) -> None:
        """A line that replaces itself, on a terminal only."""
        if self.out.isatty():
            with self._lock:
                print(f"\r\x1b[2K        {text}", end="", file=self.out, flush=True)
                self._progress = True

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure a stage in seconds."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.stages[name] = round(time.monotonic() - began, 3)

    def _print(self, text: str) -> None:
        with self._lock:
            clear = "\r\x1b[2K" if self._progress else ""
            self._progress = False
            print(clear + text, file=self.out, flush=True)


def wait_for(
    look: Callable[[], T | None],
    within_s: float,
    otherwise: str,
    story: Story,
    *,
    part: str | None = None,
    every_s: float = 0.5,
) -> T:
    """What `look` finds, asked again until then; Broken with the sentence `otherwise` when the time is up."""
    began = time.monotonic()
    while True:
        found = look()
        if found is not None:
            return found
        passed = time.monotonic() - began
        if passed > within_s:
            raise Broken(f"{otherwise} (waited {within_s:.0f} s)", part)
        story.progress(f"waiting {passed:.0f} s of at most {within_s:.0f} s")
        time.sleep(every_s)
