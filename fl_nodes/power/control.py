"""Running a piece of work at a level, and saying how that was done."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any, Protocol

import structlog

from fl_nodes.power.left_behind import LeftBehind
from fl_nodes.protocol.power import FULL, LEVELS_PPM

log = structlog.get_logger()


class Knob(Protocol):
    """Something whose setting makes the machine work less hard."""

    @property
    def by(self) -> str:
        """What it is, in a word."""

    def settings(self) -> dict[str, int]:
        """The settings as they are, by name; they can be given to `put`. OSError where they cannot be read."""

    def put(self, settings: dict[str, int]) -> None:
        """Set them; OSError where that is not allowed."""

    def at(self, ppm: int) -> dict[str, int]:
        """The settings for a part of full, in millionths, as far down as the machine goes."""


class PowerControl:
    """Sets a knob for the time of a piece of work. With `knob` None everything runs at full speed.

    What was set before is written down first (`left`), so that a process that was killed leaves no slow machine behind: the next
    one puts it back when it starts.
    """

    def __init__(self, knob: Knob | None, left: LeftBehind) -> None:
        self._left = left
        self._knob = knob if self._usable(knob) else None

    @property
    def announced(self) -> dict[str, Any] | None:
        """What the node says of itself: by what it can be set, to which levels; None where it cannot."""
        return {"by": self._knob.by, "levels": list(range(len(LEVELS_PPM)))} if self._knob else None

    @contextlib.contextmanager
    def running_at(self, level: int) -> Iterator[str]:
        """Work inside runs at `level`; yields how that was done, empty at full speed. Work is never refused for it."""
        if not 0 <= level < FULL:
            yield ""
            return
        percent = LEVELS_PPM[level] // 10_000
        if self._knob is None:
            yield f"at full speed, for this machine's power cannot be set (level {level} was asked)"
            return
        with self._left.alone() as alone:
            if not alone:
                yield f"at full speed, for another node has set this machine's power (level {level} was asked)"
                return
            why = self._lower(self._knob, level)
            try:
                yield why or f"at {percent} % of full by {self._knob.by}"
            finally:
                self._restore(self._knob)

    def _lower(self, knob: Knob, level: int) -> str:
        """Why it was not done; empty where it was."""
        try:
            self._left.note(knob.by, knob.settings())
            knob.put(knob.at(LEVELS_PPM[level]))
        except OSError as error:
            log.warning("power.not_set", level=level, why=str(error))
            return f"at full speed, for {knob.by} refused ({error.strerror or error})"
        return ""

    def _restore(self, knob: Knob) -> None:
        noted = self._left.noted(knob.by)
        if noted is None:
            return
        try:
            knob.put(noted)
        except OSError as error:
            # It stays written down: the next start of a node tries again.
            log.warning("power.not_restored", by=knob.by, why=str(error))
            return
        self._left.forget()

    def _usable(self, knob: Knob | None) -> bool:
        """Whether it can be written: tried with the settings that it has, after what an earlier process left is put back."""
        if knob is None:
            return False
        with self._left.alone() as alone:
            if alone:
                self._restore(knob)
            try:
                knob.put(knob.settings())
            except OSError as error:
                log.info("power.fixed", by=knob.by, why=str(error))
                return False
        return True
