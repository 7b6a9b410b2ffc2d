"""The energy ledger's side of the settler: what the keeper decided goes out, each once; what was sealed comes to the tickets."""

from __future__ import annotations

import typing
from collections.abc import Sequence

import structlog

from backend.domain.effects import Effect
from backend.domain.ledger_effects import LedgerEffect
from backend.domain.ticket import Sealed
from backend.errors import Conflict, NotYet, Recoverable
from backend.ports import ChainEvent, Cursors, Effects, Ledger, QueuedEffect, Tickets
from backend.settlement.following import follow
from backend.settlement.settler import SHORTEST_WAIT_S, back_off

log = structlog.get_logger()

KINDS = tuple(kind.__name__ for kind in typing.get_args(LedgerEffect))
CURSOR = "carbon/ledger"


class LedgerSettler:
    """Effects in, transactions out; events in, tickets' epochs out."""

    def __init__(self, ledger: Ledger, tickets: Tickets, effects: Effects, cursors: Cursors) -> None:
        self._ledger = ledger
        self._tickets = tickets
        self._effects = effects
        self._cursors = cursors

    def run_once(self) -> int:
        """Take in what is new on chain, then try every effect that is due; how many of both."""
        return self._mirror() + sum(self._carry_out(queued) for queued in self._effects.pending(KINDS))

    def _carry_out(self, queued: QueuedEffect) -> bool:
        key = queued.key
        try:
            tx = self._ledger.write(_ledger_effect(queued.effect))
            # Before it is done: the keeper then finds the tickets as they are.
            self._mirror()
        except NotYet as error:
            self._effects.retry(key, max(error.wait_s, SHORTEST_WAIT_S), error.message)
        except Recoverable as error:
            log.warning("effect.postponed", effect=key, code=error.code, message=error.message)
            self._effects.retry(key, back_off(queued.attempts), error.message)
        except Conflict as error:
            # The keeper looks again and decides anew: nothing is lost by giving this one up.
            log.warning("effect.refused", effect=key, code=error.code, message=error.message)
            self._effects.fail(key, error.code, error.message)
        else:
            self._effects.done(key, {"tx": tx})
            log.info("effect.done", effect=key, tx=tx)
            return True
        return False

    def _mirror(self) -> int:
        return follow(self._ledger.events, self._cursors, CURSOR, self._take_in)

    def _take_in(self, events: Sequence[ChainEvent]) -> None:
        for event in (event for event in events if event.name == "EpochSealed"):
            said = event.args
            for job in (entry["job"] for entry in said["jobs"]):
                ticket = self._tickets.by_job(job)
                if ticket is None:
                    log.info("event.not_ours", what=event.name, job=job, tx=event.tx)
                    continue
                self._tickets.advance(ticket.id, Sealed(said["index"], said["epochHash"], event.tx))
                log.info("ticket.sealed", ticket=ticket.id, epoch=said["index"], tx=event.tx)


def _ledger_effect(effect: Effect) -> LedgerEffect:
    if not isinstance(effect, LedgerEffect):
        raise Conflict("chain.not_ours", f"{type(effect).__name__} is no effect of the energy ledger.")
    return effect
