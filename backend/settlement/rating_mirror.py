"""Follows the market chain for what moves ratings, behind the mirror and less often: nothing waits for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from backend.ports import ChainEvent, Cursors, MarketChain, RatingSteps
from backend.settlement.following import follow
from backend.verification.rating_history import steps_of

CURSOR = "market/ratings"


class TimedMarket(MarketChain, Protocol):
    """A market chain that knows when its blocks were made."""

    def block_time(self, block: int) -> int:
        """A block's time, in Unix seconds."""


class RatingMirror:
    """Keeps every step of every node's rating; a batch that is read again changes nothing."""

    def __init__(self, market: TimedMarket, steps: RatingSteps, cursors: Cursors) -> None:
        self._market = market
        self._steps = steps
        self._cursors = cursors

    def run_once(self) -> int:
        """Take in all that is new; how many events were looked at."""
        return follow(self._market.events, self._cursors, CURSOR, self._take_in)

    def _take_in(self, events: Sequence[ChainEvent]) -> None:
        for event in events:
            if steps_of(event, 0):
                self._steps.add(steps_of(event, self._market.block_time(event.block)))
