"""What the carbon chain says about credits comes to the tickets: baselines when they are fixed, credits when they are issued."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from backend.domain.credit_effects import FixedBaseline, IssuedCredit
from backend.domain.credits import zone_and_vintage
from backend.domain.ticket import BaselineFixed, Change, CreditIssued
from backend.ports import ChainEvent, Credits, Cursors, Tickets
from backend.settlement.following import follow
from fl_nodes.protocol.credit_baseline import CreditBaseline

log = structlog.get_logger()

CURSOR = "carbon/credits"


class CreditMirror:
    """Follows the credits from a saved cursor. An interrupted batch is read again: changes repeat harmlessly."""

    def __init__(self, credits_: Credits, tickets: Tickets, cursors: Cursors) -> None:
        self._credits = credits_
        self._tickets = tickets
        self._cursors = cursors

    def run_once(self) -> int:
        """Take in all that is new; how many events that was."""
        return follow(self._credits.events, self._cursors, CURSOR, self._take_in)

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
