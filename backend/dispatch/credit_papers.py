"""What of a finished job claims credit, for the keeper of the energy ledger."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from eth_utils.crypto import keccak

from backend.dispatch.epoch_papers import STATEMENT
from backend.domain.intensity import Intensity
from backend.domain.ticket import Ticket
from backend.energy.chain_energy import ChainFigures, chain_cost
from backend.energy.credits import job_claims, least_of
from backend.energy.epochs import JobPapers
from backend.energy.statement import StatementInputs
from backend.ports import Objects
from fl_nodes.protocol.wire import from_wire

SETTLE = "settle"


@dataclass(frozen=True)
class CreditPapers:
    """`dispatch.epoch_papers.Extras`: a settled job's claims and the baseline behind them. `figures` are of the chains."""

    objects: Objects
    figures: ChainFigures

    def __call__(self, ticket: Ticket, papers: JobPapers) -> JobPapers:
        """Nothing for a job that failed, or whose baseline was not fixed before it ran."""
        fixed, started = ticket.baseline, ticket.started
        if ticket.verdict is None or ticket.verdict.outcome != SETTLE or fixed is None or started is None:
            return papers
        grids = {(i.zone, i.hour): i for i in self._intensities(ticket)}
        made = job_claims(
            papers.readings,
            fixed,
            started,
            chain_cost(ticket, self.figures).micrograms,
            lambda zone, hour: grids[zone, hour].band_ppm,
            keccak,
            least_of(ticket.energy or {}),
        )
        return replace(papers, claims=made, baseline=fixed.baseline) if made else papers

    def _intensities(self, ticket: Ticket) -> tuple[Intensity, ...]:
        entry = (ticket.files or {})[STATEMENT]
        with self.objects.open(entry["key"]) as file:
            return from_wire(StatementInputs, json.load(file)["inputs"]).intensities
