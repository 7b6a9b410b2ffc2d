"""What the carbon chain says about credits comes to the tickets: baselines when they are fixed, credits when they are issued."""

from __future__ import annotations

import time
from collections.abc import Sequence

import structlog

from backend.domain.credit_effects import FixedBaseline, IssuedCredit
from backend.domain.credits import zone_and_vintage
from backend.domain.effects import Certify
from backend.domain.ticket import BaselineFixed, Change, CreditIssued, Ticket, Unrecorded
from backend.ports import ChainEvent, Clock, Credits, Cursors, Effects, Tickets
from backend.settlement.following import Follower
from backend.settlement.kinds import CARBON_KINDS
from fl_nodes.protocol.credit_baseline import CreditBaseline

log = structlog.get_logger()

CURSOR = "carbon/credits"
REDONE = (*CARBON_KINDS, Certify.__name__)


class CreditMirror:
    """Follows the credits from a saved cursor. An interrupted batch is read again: changes repeat harmlessly."""

    def __init__(
        self,
        credits_: Credits,
        tickets: Tickets,
        cursors: Cursors,
        effects: Effects,
        clock: Clock = time.time,
    ) -> None:
        self._credits = credits_
        self._tickets = tickets
        self._effects = effects
        self._follower = Follower(credits_, cursors, CURSOR, self._take_in, self._take_back, clock)

    def run_once(self) -> int:
        """Take in all that is new; how many events that was."""
        return self._follower.run_once()

    def follow(self) -> bool:
        """Take in all that is new; whether the chain still holds all that was read before."""
        return self._follower.holds()

    def _take_back(self, from_block: int, since: float) -> None:
        """What was fixed, issued, certified and published there is looked at again; tickets keep what still stands."""
        again = self._effects.redo(REDONE, since)
        gone = {ticket.id: self._gone(ticket) for ticket in self._tickets.changed_since(since)}
        for ticket_id, transactions in gone.items():
            if transactions:
                self._tickets.advance(ticket_id, Unrecorded(transactions))
        poorer = [ticket_id for ticket_id, transactions in gone.items() if transactions]
        log.warning("credits.taken_back", from_block=from_block, effects=again, tickets=poorer)

    def _gone(self, ticket: Ticket) -> tuple[str, ...]:
        brought = [of.tx for of in (ticket.baseline, ticket.certificate, *ticket.credits) if of is not None]
        return tuple(tx for tx in dict.fromkeys(brought) if tx and not self._credits.stands(tx))

    def _take_in(self, events: Sequence[ChainEvent]) -> None:
        for event in events:
            change = change_of(event)
            if change is None:
                continue
            ticket = self._tickets.by_job(event.args["job"])
            if ticket is None:
                log.info("event.not_ours", what=event.name, job=event.args["job"], tx=event.tx)
                continue
            self._tickets.advance(ticket.id, change)
            log.info("event.mirrored", ticket=ticket.id, what=event.name, tx=event.tx)


def change_of(event: ChainEvent) -> Change | None:
    """What an event of the credits means for its job's ticket; None for what concerns no job."""
    said = event.args
    if event.name == "BaselineFixed":
        fixed = CreditBaseline(
            job=said["job"],
            millijoules=said["millijoules"],
            micrograms=said["micrograms"],
            hour_millijoules=said["hourMillijoules"],
            node_rounds=said["nodeRounds"],
            decision=said["decision"],
        )
        return BaselineFixed(FixedBaseline(fixed, said["fixedAt"], event.tx))
    if event.name == "CreditIssued":
        zone, vintage = zone_and_vintage(said["id"])
        return CreditIssued(
            IssuedCredit(
                node=said["node"],
                round=said["round"],
                zone=zone,
                vintage=vintage,
                id=hex(said["id"]),
                micrograms=said["amount"],
                serial=said["serial"],
                tx=event.tx,
            )
        )
    return None
