"""The settler process: mirror, settle, sweep, for ever; on each chain for itself, so that neither waits for the other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from backend.errors import EcoError, Unrecoverable
from backend.ports import (
    CarbonChain,
    Clock,
    Credits,
    Cursors,
    Effects,
    Ledger,
    Nodes,
    Rater,
    RatingSteps,
    Tickets,
)
from backend.settlement.baselines import BaselineSettler
from backend.settlement.certifier import Certifier, CertifierParts
from backend.settlement.credit_mirror import CreditMirror
from backend.settlement.kinds import BASELINE_KINDS, MARKET_KINDS, OTHER_CARBON_KINDS
from backend.settlement.ledger import LedgerSettler
from backend.settlement.mirror import FollowedMarket, Mirror
from backend.settlement.rating_mirror import RatingMirror, TimedMarket
from backend.settlement.reconcile import reconcile
from backend.settlement.settler import Settler, unfollowed

log = structlog.get_logger()

LONGEST_PAUSE_S = 30.0

Step = Callable[[], int]
"""Does what is due; how much that was."""


class SettledMarket(FollowedMarket, TimedMarket, Protocol):
    """All that is asked of the market chain here."""


@dataclass(frozen=True)
class SettlerParts:
    """What the settler needs of the world; seconds between looks at the chain and between sweeps.

    Without a `rater` no baseline is set, without a `ledger` no epoch sealed, without `credits` no ticket hears of its own, without
    a `certifier` no job is certified, without `rating_steps` no history of ratings is kept. One of several settlers `leads` and the
    others stand by, or they would take each other's transactions for their own; who ends steps down.
    """

    market: SettledMarket
    carbon: CarbonChain
    tickets: Tickets
    effects: Effects
    nodes: Nodes
    cursors: Cursors
    clock: Clock
    poll_s: float = 0.2
    sweep_s: float = 5.0
    rater: Rater | None = None
    ledger: Ledger | None = None
    credits: Credits | None = None
    certifier: CertifierParts | None = None
    rating_steps: RatingSteps | None = None
    leads: Callable[[], bool] = lambda: True
    step_down: Callable[[], None] = lambda: None


def run_settler(parts: SettlerParts, stop: Callable[[], bool]) -> None:
    """Run until `stop()`. Trouble is logged and outlasted; only Unrecoverable (another chain) ends the process."""
    over = threading.Event()
    ended: list[Unrecoverable] = []

    def carbon() -> None:
        try:
            _repeat(parts, _carbon_steps(parts), over.is_set)
        except Unrecoverable as error:
            ended.append(error)

    beside = threading.Thread(target=carbon, daemon=True, name="carbon chain")
    beside.start()
    try:
        _repeat(parts, _market_steps(parts), lambda: stop() or bool(ended))
    finally:
        over.set()
        beside.join()
        parts.step_down()
    if ended:
        raise ended[0]


def _market_steps(parts: SettlerParts) -> list[Step]:
    mirror = Mirror(parts.market, parts.tickets, parts.nodes, parts.cursors, parts.effects, parts.clock)
    settler = Settler(
        parts.market, parts.carbon, parts.tickets, parts.effects, MARKET_KINDS, mirror.follow, parts.clock
    )
    steps = [mirror.run_once, settler.run_once]
    if parts.rater is not None:
        steps.append(BaselineSettler(parts.rater, parts.nodes, parts.effects, mirror.follow).run_once)
    if parts.rating_steps is not None:
        ratings = RatingMirror(parts.market, parts.rating_steps, parts.cursors, parts.clock)
        steps.append(_now_and_then(parts.sweep_s, ratings.run_once))
    return [*steps, _now_and_then(parts.sweep_s, lambda: reconcile(parts.tickets, parts.market, parts.clock))]


def _carbon_steps(parts: SettlerParts) -> list[Step]:
    steps: list[Step] = []
    follow = unfollowed
    if parts.credits is not None:
        credits_ = CreditMirror(parts.credits, parts.tickets, parts.cursors, parts.effects, parts.clock)
        follow = credits_.follow
        # Before epochs: a ticket that is sealed asks whether it has a baseline.
        steps.append(credits_.run_once)
    chains = (parts.market, parts.carbon, parts.tickets, parts.effects)
    # A job waits for its baseline: nothing else that is to be written comes before it.
    steps.append(Settler(*chains, BASELINE_KINDS, follow, parts.clock).run_once)
    if parts.ledger is not None:
        steps.append(
            LedgerSettler(parts.ledger, parts.tickets, parts.effects, parts.cursors, parts.clock).run_once
        )
    steps.append(Settler(*chains, OTHER_CARBON_KINDS, follow, parts.clock, most=1).run_once)
    if parts.certifier is not None:
        steps.append(Certifier(parts.certifier, follow).run_once)
    return steps


def _now_and_then(seconds: float, step: Step) -> Step:
    last = float("-inf")

    def due() -> int:
        nonlocal last
        if time.monotonic() - last < seconds:
            return 0
        news = step()
        last = time.monotonic()
        return news

    return due


def _repeat(parts: SettlerParts, steps: Sequence[Step], stop: Callable[[], bool]) -> None:
    troubles = 0
    while not stop():
        if not parts.leads():
            parts.effects.wait(parts.poll_s)
            continue
        try:
            news = sum(step() for step in steps if parts.leads())
            troubles = 0
            if not news:
                parts.effects.wait(parts.poll_s)
        except Unrecoverable as error:
            log.error("settler.stopped", code=error.code, message=error.message)  # noqa: TRY400 -- a refusal is a sentence
            raise
        except EcoError as error:
            troubles = _outlast(parts, troubles)
            log.warning("settler.postponed", code=error.code, message=error.message, troubles=troubles)
        except Exception:
            troubles = _outlast(parts, troubles)
            log.exception("settler.failed", troubles=troubles)


def _outlast(parts: SettlerParts, troubles: int) -> int:
    parts.effects.wait(min(parts.poll_s * 2.0**troubles, LONGEST_PAUSE_S))
    return min(troubles + 1, 16)
