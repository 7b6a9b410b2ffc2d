"""Following a contract's events from a saved cursor, and noticing that the chain took back what was followed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from backend.errors import Recoverable
from backend.ports import ChainEvent, Clock, Cursors, Landmark

log = structlog.get_logger()

MARGIN_S = 900.0
"""Effects are carried out at most so long before the follower comes to their blocks."""
REORGANISED = "/reorganised"
"""Of the cursor that holds when a follower last noticed it, in Unix seconds."""


SAID_FOR_S = 3_600.0
"""How long a health page speaks of it."""


def require_unbroken(cursors: Cursors, name: str, now: float) -> str:
    """What a health page says of a follower; Recoverable `chain.reorganised` for an hour after the chain took back what it read."""
    noticed = cursors.load(name + REORGANISED)
    if noticed is not None and now - noticed < SAID_FOR_S:
        raise Recoverable(
            "chain.reorganised",
            f"{(now - noticed) / 60:.0f} minutes ago the chain took back blocks that had enough confirmations; what was done there "
            "was looked at again. Where it happens again, raise ECODML_CONFIRMATIONS.",
        )
    return f"followed up to block {(cursors.load(name) or 0) - 1}"


class Followed(Protocol):
    """A contract on a chain, as followers read it."""

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """All confirmed events from a position on, in order, and the next position to ask for."""

    def block_hash(self, block: int) -> str:
        """A block's hash, now; Recoverable where the chain has no such block."""


@dataclass(frozen=True)
class Follower:
    """`take_in` is given what is new; `take_back` is told from which block on the chain has become another, and since when
    (Unix seconds) something may have been done there: all of it is read again afterwards. Both must repeat harmlessly: the
    cursor moves after what it stands for."""

    chain: Followed
    cursors: Cursors
    name: str
    take_in: Callable[[Sequence[ChainEvent]], None]
    take_back: Callable[[int, float], None]
    clock: Clock

    def run_once(self) -> int:
        """Take in all that is new since the cursor; how many events that was."""
        return self._follow()[0]

    def holds(self) -> bool:
        """Take in all that is new; whether the chain still holds all that was read before."""
        return self._follow()[1] == 0

    def _follow(self) -> tuple[int, int]:
        """How many events were new, and how often the chain was found to be another."""
        cursor, count, forks = self.cursors.load(self.name) or 0, 0, 0
        while True:
            found, following = self.chain.events(cursor)
            if following <= cursor:
                return count, forks
            fork = self._fork(cursor)
            if fork is not None:
                cursor, forks = fork, forks + 1
                continue
            self.take_in(found)
            self._mark(found, following - 1)
            self.cursors.save(self.name, following)
            cursor, count = following, count + len(found)

    def _fork(self, cursor: int) -> int | None:
        """Where to read on when the chain no longer holds what was read last; None while it does."""
        marks = self.cursors.landmarks(self.name)
        standing = next((m for m in marks if self.chain.block_hash(m.block) == m.hash), None)
        if not marks or standing == marks[0]:
            return None
        fork, since = (standing.block + 1, standing.at - MARGIN_S) if standing else (0, 0.0)
        log.error(
            "chain.reorganised",
            code="chain.reorganised",
            follower=self.name,
            from_block=fork,
            blocks=cursor - fork,
            message="The chain took back blocks that had enough confirmations; what was done there is looked at again.",
        )
        self.cursors.save(self.name + REORGANISED, int(self.clock()))
        self.take_back(fork, since)
        self.cursors.save(self.name, fork)
        self.cursors.forget(self.name, fork)
        return fork

    def _mark(self, found: Sequence[ChainEvent], last: int) -> None:
        at = self.clock()
        if found and found[-1].block_hash:
            # From the log itself: read separately, it might be a later chain's.
            self.cursors.mark(self.name, Landmark(found[-1].block, found[-1].block_hash, at, told=True))
        if not found or found[-1].block < last:
            self.cursors.mark(self.name, Landmark(last, self.chain.block_hash(last), at))
