"""The carbon chain in memory."""

from __future__ import annotations

from backend.adapters.memory.credits import MemoryCredits
from backend.adapters.memory.publications import MemoryPublications
from backend.domain import effects as fx
from backend.domain.credit_effects import FixBaseline, IssueCredits
from backend.domain.effects import Effect
from backend.domain.ticket import Ticket
from backend.errors import Unrecoverable


class MemoryCarbon:
    """`ports.CarbonChain`."""

    def __init__(self, credits_: MemoryCredits | None = None) -> None:
        self.publications = MemoryPublications()
        self.credits = credits_

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:  # noqa: ARG002 -- the port's form
        """Do it once."""
        if isinstance(effect, fx.Publish):
            return self.publications.publish(effect)
        if isinstance(effect, FixBaseline) and self.credits is not None:
            return self.credits.fix(effect)
        if isinstance(effect, IssueCredits) and self.credits is not None:
            return self.credits.issue(effect)
        raise Unrecoverable("chain.not_ours", f"{type(effect).__name__} is no effect of the carbon chain.")
