"""Follows the market chain for what moves ratings, behind the mirror and less often: nothing waits for it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from backend.ports import ChainEvent, Clock, Cursors, MarketChain, RatingSteps
from backend.settlement.following import Follower
from backend.verification.rating_history import steps_of

CURSOR = "market/ratings"


class TimedMarket(MarketChain, Protocol):
    """A market chain that knows when its blocks were made."""

    def block_time(self, block: int) -> int:
        """A block's time, in Unix seconds."""


class RatingMirror:
    """Keeps every step of every node's rating; a batch that is read again changes nothing."""

    def __init__(
        self, market: TimedMarket, steps: RatingSteps, cursors: Cursors, clock: Clock = time.time
    ) -> None:
        self._market = market
        self._steps = steps
        self._follower = Follower(market, cursors, CURSOR, self._take_in, self._take_back, clock)

    def run_once(self) -> int:
        """Take in all that is new; how many events were looked at."""
        return self._follower.run_once()

    def _take_back(self, from_block: int, _: float) -> None:
        self._steps.forget(from_block)

    def _take_in(self, events: Sequence[ChainEvent]) -> None:
        for event in events:
            if steps_of(event, 0):
                self._steps.add(steps_of(event, self._market.block_time(event.block)))
