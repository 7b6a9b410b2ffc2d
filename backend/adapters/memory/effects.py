"""The outbox in memory."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from backend.adapters import records
from backend.adapters.wakeup import Wakeup
from backend.domain.effects import Effect
from backend.errors import NotFound
from backend.ports import Clock, QueuedEffect, Standing, TroubledEffect


@dataclass(frozen=True)
class _Entry:
    effect: Effect
    not_before: float
    added: float
    state: str = "open"
    attempts: int = 0
    result: str = ""
    ended: float = 0.0
    code: str = ""
    why: str = ""


class MemoryEffects:
    """`ports.Effects`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._changed = Wakeup()

    def add(self, effects: Sequence[Effect]) -> None:
        """Queue effects; one whose key exists is left as it is."""
        with self._lock:
            for effect in effects:
                self._entries.setdefault(effect.key, _Entry(effect, self._clock(), self._clock()))
        self._changed.bump()

    def pending(self, kinds: Sequence[str], limit: int = 100) -> list[QueuedEffect]:
        """Open effects of the named classes that are due, oldest first."""
        with self._lock:
            now = self._clock()
            due = [
                QueuedEffect(key, entry.effect, entry.attempts, entry.not_before)
                for key, entry in self._entries.items()
                if entry.state == "open"
                and entry.not_before <= now
                and records.kind_of(entry.effect) in kinds
            ]
        return due[: max(limit, 0)]

    def state(self, key: str) -> str | None:
        """`open`, `done`, `failed`, or None if there is no such effect."""
        with self._lock:
            return self._entries[key].state if key in self._entries else None

    def done(self, key: str, result: dict[str, Any]) -> None:
        """Mark as carried out; repeating it changes nothing. NotFound `effect.unknown`."""
        self._set(key, ("open", "failed"), state="done", result=records.pack(result), ended=self._clock())

    def retry(self, key: str, seconds: float, why: str) -> None:
        """Count an attempt and try again after `seconds`; no effect on one that is done or failed."""
        with self._lock:
            attempts = self._entries[key].attempts + 1 if key in self._entries else 0
        self._set(key, ("open",), attempts=attempts, not_before=self._clock() + seconds, why=why)

    def fail(self, key: str, code: str, why: str) -> None:
        """Give up; no effect on one that is done."""
        self._set(key, ("open",), state="failed", code=code, why=why, ended=self._clock())

    def redo(self, kinds: Sequence[str], since: float) -> int:
        """Open those of these classes again that were done or given up at `since` or later; how many."""
        with self._lock:
            again = [
                key
                for key, entry in self._entries.items()
                if entry.state in ("done", "failed")
                and entry.ended >= since
                and records.kind_of(entry.effect) in kinds
            ]
            for key in again:
                change = {"state": "open", "attempts": 0, "not_before": self._clock()}
                self._entries[key] = replace(self._entries[key], **change)  # type: ignore[arg-type]
        self._changed.bump()
        return len(again)

    def troubled(self, limit: int = 100) -> list[TroubledEffect]:
        """Those given up, then open ones that were tried in vain, each oldest first."""
        with self._lock:
            entries = list(self._entries.items())
        found = [
            TroubledEffect(
                key, records.kind_of(e.effect), e.effect.ticket_id, e.state, e.attempts, e.not_before, e.why
            )
            for state in ("failed", "open")
            for key, e in entries
            if e.state == state and (state == "failed" or e.attempts)
        ]
        return found[: max(limit, 0)]

    def standing(self) -> Standing:
        """How many are open and how many given up, and since when the oldest of each waits."""
        with self._lock:
            waiting = [(e.state, e.added) for e in self._entries.values() if e.state in ("open", "failed")]
        return {
            state: (len(since), min(since))
            for state in ("open", "failed")
            if (since := [at for of, at in waiting if of == state])
        }

    def reopen(self, key: str) -> bool:
        """Try one that was given up again, now; false where none of that key was given up."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry.state != "failed":
                return False
            self._entries[key] = replace(entry, state="open", not_before=self._clock())
        self._changed.bump()
        return True

    def wait(self, seconds: float) -> None:
        """Return when an effect may have been added since this thread's last call, or after `seconds`."""
        self._changed.wait_again(seconds)

    def _set(self, key: str, states: tuple[str, ...], **change: Any) -> None:
        with self._lock:
            if key not in self._entries:
                raise NotFound("effect.unknown", f"There is no effect {key}.")
            if self._entries[key].state in states:
                self._entries[key] = replace(self._entries[key], **change)
        self._changed.bump()
