"""The settler process: mirror, settle, sweep, for ever."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from backend.errors import EcoError, Unrecoverable
from backend.ports import CarbonChain, Clock, Cursors, Effects, Ledger, Nodes, Rater, Tickets
from backend.settlement.baselines import BaselineSettler
from backend.settlement.ledger import LedgerSettler
from backend.settlement.mirror import FollowedMarket, Mirror
from backend.settlement.reconcile import reconcile
from backend.settlement.settler import Settler

log = structlog.get_logger()

LONGEST_PAUSE_S = 30.0


@dataclass(frozen=True)
class SettlerParts:
    """What the settler needs of the world; seconds between looks at the chain and between sweeps.

    Without a `rater` no baseline is set, without a `ledger` no epoch sealed.
    """

    market: FollowedMarket
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


def run_settler(parts: SettlerParts, stop: Callable[[], bool]) -> None:
    """Run until `stop()`. Trouble is logged and outlasted; only Unrecoverable (another chain) ends the process."""
    mirror = Mirror(parts.market, parts.tickets, parts.nodes, parts.cursors)
    settler = Settler(parts.market, parts.carbon, parts.tickets, parts.effects)
    baselines = BaselineSettler(parts.rater, parts.nodes, parts.effects) if parts.rater else None
    ledger = (
        LedgerSettler(parts.ledger, parts.tickets, parts.effects, parts.cursors) if parts.ledger else None
    )
    swept_at, troubles = float("-inf"), 0
    while not stop():
        try:
            news = mirror.run_once() + settler.run_once()
            if baselines is not None:
                news += baselines.run_once()
            if ledger is not None:
                news += ledger.run_once()
            if time.monotonic() - swept_at >= parts.sweep_s:
                news += reconcile(parts.tickets, parts.market, parts.clock)
                swept_at = time.monotonic()
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
