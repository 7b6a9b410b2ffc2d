"""The energy ledger's side of the settler: what the keeper decided goes out, each once; what was sealed comes to the tickets."""

from __future__ import annotations

import time
import typing
from collections.abc import Sequence

import structlog

from backend.domain.effects import Effect
from backend.domain.ledger_effects import LedgerEffect
from backend.domain.ticket import Sealed, Unsealed
from backend.errors import Conflict, NotYet, Recoverable
from backend.log import about
from backend.ports import ChainEvent, Clock, Cursors, Effects, Ledger, QueuedEffect, Tickets
from backend.settlement.following import Follower
from backend.settlement.settler import SHORTEST_WAIT_S, back_off, require_followed

log = structlog.get_logger()

KINDS = tuple(kind.__name__ for kind in typing.get_args(LedgerEffect))
CURSOR = "carbon/ledger"


class LedgerSettler:
    """Effects in, transactions out; events in, tickets' epochs out."""

    def __init__(
        self, ledger: Ledger, tickets: Tickets, effects: Effects, cursors: Cursors, clock: Clock = time.time
    ) -> None:
        self._ledger = ledger
        self._tickets = tickets
        self._effects = effects
        self._follower = Follower(ledger, cursors, CURSOR, self._take_in, self._take_back, clock)

    def run_once(self) -> int:
        """Take in what is new on chain, then try every effect that is due; how many of both."""
        return self._mirror() + sum(self._carry_out(queued) for queued in self._effects.pending(KINDS))

    def _carry_out(self, queued: QueuedEffect) -> bool:
        with about(effect=queued.key):
            return self._written(queued)

    def _written(self, queued: QueuedEffect) -> bool:
        key = queued.key
        try:
            tx = self._ledger.write(_ledger_effect(queued.effect))
            # Before it is done: the keeper then finds the tickets as they are.
            require_followed(self._follower.holds)
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
        return self._follower.run_once()

    def _take_back(self, from_block: int, since: float) -> None:
        """Epochs that are gone are sealed again as they were signed, else the keeper proposes their jobs anew."""
        again = self._effects.redo(KINDS, since)
        gone = [
            ticket
            for ticket in self._tickets.changed_since(since)
            if ticket.epoch is not None and not self._ledger.holds(ticket.job_id)
        ]
        for ticket in gone:
            self._tickets.advance(ticket.id, Unsealed())
        log.warning("ledger.taken_back", from_block=from_block, effects=again, unsealed=[t.id for t in gone])

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
