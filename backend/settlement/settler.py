"""Carries the tickets' chain effects out: each exactly once, a ticket's in order, no ticket waiting for another."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import structlog

from backend.domain import effects as fx
from backend.domain import job as words
from backend.domain.credit_effects import FixBaseline, IssueCredits, baseline_key
from backend.domain.ticket import RefundPaid, Status, Ticket
from backend.domain.ticket_record import fate
from backend.errors import Conflict, NotYet, Recoverable
from backend.log import about
from backend.ports import CarbonChain, Clock, Effects, MarketChain, QueuedEffect, Tickets
from backend.settlement.kinds import KINDS

log = structlog.get_logger()

SHORTEST_WAIT_S = 0.25
LONGEST_WAIT_S = 60.0
BASELINE_PATIENCE_S = 10.0
"""So long after its decision a job waits for its baseline, for one that comes when the work has begun is none: a carbon chain that
stands still costs a job its credits and no more time than that."""
REFUND = "refund"
MOOT_ONCE_ENDED = (fx.Assign, fx.RecordRound, fx.Settle, fx.Fail, fx.Cancel, fx.Reclaim)
OF_A_PAYMENT = (*MOOT_ONCE_ENDED, fx.PayOut, fx.Release)
OUTCOMES: dict[type, str] = {fx.Settle: "settle", fx.Fail: "fail"}
BEING_JUDGED = (Status.RUNNING, Status.VERIFYING)


Follow = Callable[[], bool]
"""Takes in what is new on a chain; false when the chain has just taken other blocks back."""


def unfollowed() -> bool:
    """Where nothing follows the chain, it is taken at its word."""
    return True


def require_followed(follow: Follow) -> None:
    """NotYet `chain.reorganised`, to be looked at again, unless the block of what was just done is known from here on."""
    if not follow():
        raise NotYet("chain.reorganised", "The chain took back blocks; looking again.", SHORTEST_WAIT_S)


class Settler:
    """Effects of these kinds in, transactions out.

    `follow` takes in what is new on the chain, so that the block of an effect is known before the effect is done, and a chain that
    takes this block back is noticed; many in a row may take minutes, and what the chain says meanwhile does not wait for the last.
    It carries out `most` effects in a run.
    """

    def __init__(
        self,
        market: MarketChain,
        carbon: CarbonChain,
        tickets: Tickets,
        effects: Effects,
        kinds: Sequence[str] = KINDS,
        follow: Follow = unfollowed,
        clock: Clock = time.time,
        most: int = 100,
    ) -> None:
        self._market = market
        self._carbon = carbon
        self._tickets = tickets
        self._effects = effects
        self._kinds = kinds
        self._follow = follow
        self._clock = clock
        self._most = most

    def run_once(self) -> int:
        """Try every effect that is due; how many are done now and were not before."""
        postponed: set[str] = set()
        done = 0
        for queued in self._effects.pending(self._kinds, self._most):
            ticket_id = queued.effect.ticket_id
            if ticket_id in postponed:
                continue
            ticket = self._tickets.get(ticket_id)
            with about(ticket=ticket_id, job=ticket.job_id, effect=queued.key):
                carried_out = self._carry_out(queued, ticket)
            if carried_out:
                done += 1
            elif isinstance(queued.effect, fx.RecordRound):
                # Later rounds and the verdict come after it.
                postponed.add(ticket_id)
        return done

    def _carry_out(self, queued: QueuedEffect, ticket: Ticket) -> bool:
        key, effect = queued.key, queued.effect
        if overtaken(effect, ticket):
            return self._close(key, "")
        why = too_early(effect, ticket)
        if why:
            self._effects.retry(key, back_off(queued.attempts), why)
            return False
        if any(
            self._effects.state(earlier) == "open" for earlier in comes_after(effect, ticket, self._clock())
        ):
            self._effects.retry(key, SHORTEST_WAIT_S, "an earlier effect of the ticket is still open")
            return False
        try:
            chain = self._carbon if isinstance(effect, fx.CarbonEffect) else self._market
            tx = chain.carry_out(effect, ticket)
            require_followed(self._follow)
        except NotYet as error:
            self._effects.retry(key, min(max(error.wait_s, SHORTEST_WAIT_S), LONGEST_WAIT_S), error.message)
            return False
        except Recoverable as error:
            wait_s = back_off(queued.attempts)
            log.warning("effect.postponed", effect=key, wait_s=wait_s, code=error.code, message=error.message)
            self._effects.retry(key, wait_s, error.message)
            return False
        except Conflict as error:
            if isinstance(effect, MOOT_ONCE_ENDED):
                status = self._market.job(ticket.job_id).status
                if status in words.ENDED:
                    log.info("effect.moot", effect=key, why=error.message)
                    return self._done(queued, ticket, "")
                if status == words.NONE:
                    # It was paid: the node is behind, or the chain took the payment back and may give it again.
                    self._effects.retry(key, back_off(queued.attempts), error.message)
                    return False
            log.error("effect.refused", effect=key, code=error.code, message=error.message)  # noqa: TRY400 -- a refusal is a sentence
            self._effects.fail(key, error.code, error.message)
            return False
        return self._done(queued, ticket, tx)

    def _done(self, queued: QueuedEffect, ticket: Ticket, tx: str) -> bool:
        effect = queued.effect
        if isinstance(effect, fx.PayOut) and effect.reason == REFUND:
            # Before the effect is done, or a crash between the two would leave the ticket unpaid for ever.
            self._tickets.advance(ticket.id, RefundPaid(tx or ticket.transactions[-1]))
        return self._close(queued.key, tx)

    def _close(self, key: str, tx: str) -> bool:
        self._effects.done(key, {"tx": tx})
        log.info("effect.done", effect=key, tx=tx)
        return True


def overtaken(effect: fx.Effect, ticket: Ticket) -> bool:
    """Whether the ticket no longer wants this: it was refused before it was assigned, other trainers were chosen, it runs
    already, nobody paid for it, or the chain took back what it was for."""
    if isinstance(effect, FixBaseline):
        # A baseline that comes when the work has begun is none.
        return ticket.status is not Status.QUEUED
    if isinstance(effect, IssueCredits):
        elsewhere = ticket.epoch is not None and ticket.epoch.index != effect.epoch
        return elsewhere or ticket.baseline is None
    if isinstance(effect, fx.Publish):
        return fate(ticket.status) == "refunded"
    if isinstance(effect, OF_A_PAYMENT) and not ticket.transactions:
        # The chain took the payment back.
        return True
    if isinstance(effect, fx.PayOut) and effect.reason == REFUND:
        return ticket.status is Status.SETTLED
    if isinstance(effect, (fx.Settle, fx.Fail)):
        if ticket.verdict is None:
            return ticket.status not in BEING_JUDGED
        return ticket.verdict.outcome != OUTCOMES[type(effect)]
    if not isinstance(effect, fx.Assign):
        return False
    return effect.attempt != ticket.attempt or ticket.status in (Status.INVALID, Status.EXPIRED)


def too_early(effect: fx.Effect, ticket: Ticket) -> str:
    """What it must wait for since the chain took something back; empty where that is there."""
    match effect:
        case fx.Settle() | fx.Fail() if ticket.verdict is None:
            return "its job is being judged again"
        case fx.PayOut(reason=reason) if reason == REFUND and ticket.refund_wei is None:
            return "its refund is not on the chain"
        case fx.Publish() if ticket.status is not Status.SETTLED:
            return "its job is not settled on the chain"
        case IssueCredits() if ticket.epoch is None:
            return "its job is in no epoch of the energy ledger"
    return ""


def comes_after(effect: fx.Effect, ticket: Ticket, now: float) -> list[str]:
    """Keys of the effects that must not be open when this one is carried out: a job's rounds are published before its
    end, each after the one before, and all of it while its nodes hold it; these are assigned when its baseline is fixed, or
    has had its time (`now` in Unix seconds)."""
    if isinstance(effect, fx.Assign):
        decided = ticket.decision
        awaited = decided is not None and now < decided.at + BASELINE_PATIENCE_S
        return [baseline_key(ticket.id)] if awaited else []
    if not isinstance(effect, (fx.RecordRound, fx.Settle, fx.Fail)):
        return []
    assigned = fx.Assign(ticket.id, ticket.job_id, ticket.selected, ticket.attempt).key
    if isinstance(effect, fx.RecordRound):
        rounds = [r for r in ticket.rounds if r.number < effect.round]
    else:
        rounds = list(ticket.rounds)
    return [assigned, *(fx.RecordRound(ticket.id, ticket.job_id, r.number, r.root).key for r in rounds)]


def back_off(attempts: int) -> float:
    """Seconds until the next try: doubling from a quarter of a second to a minute."""
    return float(min(SHORTEST_WAIT_S * 2.0 ** min(attempts, 10), LONGEST_WAIT_S))
