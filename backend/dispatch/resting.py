"""Once an hour the dispatcher says which machines nobody is expected to need until the next one."""

from __future__ import annotations

import structlog

from backend.energy.resting import SECONDS_PER_HOUR, may_sleep, needed
from backend.errors import EcoError
from backend.ports import Clock, Nodes, Tickets

log = structlog.get_logger()

LOOKED_BACK = 500


class Rest:
    """The hour's hints, kept with the nodes: the API tells those that are connected."""

    def __init__(self, tickets: Tickets, nodes: Nodes, clock: Clock) -> None:
        self._tickets = tickets
        self._nodes = nodes
        self._clock = clock
        self._done = 0

    def run_once(self) -> None:
        """Decide if this hour's has not been decided yet."""
        hour = int(self._clock() // SECONDS_PER_HOUR)
        if hour == self._done:
            return
        until = float((hour + 1) * SECONDS_PER_HOUR)
        try:
            tickets = self._tickets.find(limit=LOOKED_BACK)
            sleepers = may_sleep(self._nodes.all(), needed(tickets, self._clock()))
            for provider in sleepers:
                self._nodes.may_rest(provider, until)
        except EcoError as error:
            log.warning("rest.postponed", code=error.code, message=error.message)
            return
        self._done = hour
        if sleepers:
            log.info("nodes.may_rest", nodes=list(sleepers), until=until)
