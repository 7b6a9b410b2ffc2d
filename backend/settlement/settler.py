"""Carries the tickets' chain effects out: each exactly once, a ticket's in order, no ticket waiting for another."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import structlog

from backend.domain import effects as fx
from backend.domain import job as words
from backend.domain.credit_effects import FixBaseline
from backend.domain.effects import ChainEffect
from backend.domain.ticket import RefundPaid, Status, Ticket
from backend.errors import Conflict, NotYet, Recoverable
from backend.ports import CarbonChain, Effects, MarketChain, QueuedEffect, Tickets

log = structlog.get_logger()

KINDS = tuple(kind.__name__ for kind in typing.get_args(ChainEffect))
CARBON_KINDS = tuple(kind.__name__ for kind in typing.get_args(fx.CarbonEffect))
MARKET_KINDS = tuple(kind for kind in KINDS if kind not in CARBON_KINDS)
SHORTEST_WAIT_S = 0.25
LONGEST_WAIT_S = 60.0
REFUND = "refund"
MOOT_ONCE_ENDED = (fx.Assign, fx.RecordRound, fx.Settle, fx.Fail, fx.Cancel, fx.Reclaim)


class Settler:
    """Effects of these kinds in, transactions out."""

    def __init__(
        self,
        market: MarketChain,
        carbon: CarbonChain,
        tickets: Tickets,
        effects: Effects,
        kinds: Sequence[str] = KINDS,
    ) -> None:
        self._market = market
        self._carbon = carbon
        self._tickets = tickets
        self._effects = effects
        self._kinds = kinds

    def run_once(self) -> int:
        """Try every effect that is due; how many are done now and were not before."""
        postponed: set[str] = set()
        done = 0
        for queued in self._effects.pending(self._kinds):
            ticket_id = queued.effect.ticket_id
            if ticket_id in postponed:
                continue
            if self._carry_out(queued, self._tickets.get(ticket_id)):
                done += 1
            elif isinstance(queued.effect, fx.RecordRound):
                # Later rounds and the verdict come after it.
                postponed.add(ticket_id)
        return done

    def _carry_out(self, queued: QueuedEffect, ticket: Ticket) -> bool:
        key, effect = queued.key, queued.effect
        if overtaken(effect, ticket):
            return self._done(queued, ticket, "")
        if any(self._effects.state(earlier) == "open" for earlier in comes_after(effect, ticket)):
            self._effects.retry(key, SHORTEST_WAIT_S, "an earlier effect of the ticket is still open")
            return False
        try:
            chain = self._carbon if isinstance(effect, fx.CarbonEffect) else self._market
            tx = chain.carry_out(effect, ticket)
        except NotYet as error:
            self._effects.retry(key, min(max(error.wait_s, SHORTEST_WAIT_S), LONGEST_WAIT_S), error.message)
            return False
        except Recoverable as error:
            wait_s = back_off(queued.attempts)
            log.warning("effect.postponed", effect=key, wait_s=wait_s, code=error.code, message=error.message)
            self._effects.retry(key, wait_s, error.message)
            return False
        except Conflict as error:
            if isinstance(effect, MOOT_ONCE_ENDED) and self._market.job(ticket.job_id).status in words.ENDED:
                log.info("effect.moot", effect=key, why=error.message)
                return self._done(queued, ticket, "")
            log.error("effect.refused", effect=key, code=error.code, message=error.message)  # noqa: TRY400 -- a refusal is a sentence
            self._effects.fail(key, error.code, error.message)
            return False
        return self._done(queued, ticket, tx)

    def _done(self, queued: QueuedEffect, ticket: Ticket, tx: str) -> bool:
        effect = queued.effect
        if isinstance(effect, fx.PayOut) and effect.reason == REFUND:
            # Before the effect is done, or a crash between the two would leave the ticket unpaid for ever.
            self._tickets.advance(ticket.id, RefundPaid(tx or ticket.transactions[-1]))
        self._effects.done(queued.key, {"tx": tx})
        log.info("effect.done", effect=queued.key, tx=tx)
        return True


def overtaken(effect: fx.Effect, ticket: Ticket) -> bool:
    """Whether the ticket no longer wants this: it was refused before it was assigned, other trainers were chosen, or
    it runs already."""
    if isinstance(effect, FixBaseline):
        # A baseline that comes when the work has begun is none.
        return ticket.status is not Status.QUEUED
    if not isinstance(effect, fx.Assign):
        return False
    return effect.attempt != ticket.attempt or ticket.status in (Status.INVALID, Status.EXPIRED)


def comes_after(effect: fx.Effect, ticket: Ticket) -> list[str]:
    """Keys of the effects that must not be open when this one is carried out: a job's rounds are published before its
    end, and each after the one before."""
    if isinstance(effect, fx.RecordRound):
        rounds = [r for r in ticket.rounds if r.number < effect.round]
    elif isinstance(effect, (fx.Settle, fx.Fail)):
        rounds = list(ticket.rounds)
    else:
        rounds = []
    return [fx.RecordRound(ticket.id, ticket.job_id, r.number, r.root).key for r in rounds]


def back_off(attempts: int) -> float:
    """Seconds until the next try: doubling from a quarter of a second to a minute."""
    return float(min(SHORTEST_WAIT_S * 2.0 ** min(attempts, 10), LONGEST_WAIT_S))
