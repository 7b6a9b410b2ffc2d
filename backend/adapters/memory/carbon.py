"""The carbon chain in memory."""

from __future__ import annotations

from backend.adapters.memory.publications import MemoryPublications
from backend.domain import effects as fx
from backend.domain.effects import Effect
from backend.domain.ticket import Ticket
from backend.errors import Unrecoverable


class MemoryCarbon:
    """`ports.CarbonChain`; `recorded` maps a job to its energy root and millijoules."""

    def __init__(self) -> None:
        self.recorded: dict[str, tuple[str, int]] = {}
        self.publications = MemoryPublications()
        self._transactions: dict[str, str] = {}

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:  # noqa: ARG002 -- the port's form
        """Append a job's energy to the ledger, once."""
        if isinstance(effect, fx.Publish):
            return self.publications.publish(effect)
        if not isinstance(effect, fx.RecordEnergy):
            raise Unrecoverable(
                "chain.not_ours", f"{type(effect).__name__} is no effect of the carbon chain."
            )
        if effect.job_id not in self.recorded:
            self.recorded[effect.job_id] = (effect.root, effect.millijoules)
            self._transactions[effect.job_id] = f"0x{len(self.recorded):064x}"
        return self._transactions[effect.job_id]
