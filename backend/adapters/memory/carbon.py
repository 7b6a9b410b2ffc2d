"""The carbon chain in memory."""

from __future__ import annotations

from backend.adapters.memory.publications import MemoryPublications
from backend.domain import effects as fx
from backend.domain.effects import Effect
from backend.domain.ticket import Ticket
from backend.errors import Unrecoverable


class MemoryCarbon:
    """`ports.CarbonChain`."""

    def __init__(self) -> None:
        self.publications = MemoryPublications()

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:  # noqa: ARG002 -- the port's form
        """Do it once."""
        if isinstance(effect, fx.Publish):
            return self.publications.publish(effect)
        raise Unrecoverable("chain.not_ours", f"{type(effect).__name__} is no effect of the carbon chain.")
