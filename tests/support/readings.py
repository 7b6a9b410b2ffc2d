"""A job's readings for tests, and its statement among its files."""

from __future__ import annotations

import json
from dataclasses import replace

from backend.domain.ticket import Ticket
from backend.energy.statement import StatementInputs
from backend.ports import Objects
from fl_nodes.protocol.reading import LedgerReading
from fl_nodes.protocol.wire import to_wire


def readings(job: str, count: int = 4, millijoules: int = 2_000_000) -> tuple[LedgerReading, ...]:
    """One for each of `count` nodes in a round, on grids of 100 g/kWh and a little more."""
    return tuple(
        LedgerReading(
            job=job,
            round=1,
            node=f"0x{number + 1:040x}",
            hour=490_000,
            millijoules=millijoules + number,
            site_millijoules=0,
            kind="modelled",
            band_ppm=200_000,
            zone="ES",
            intensity=100_000 + number,
        )
        for number in range(count)
    )


def with_statement(ticket: Ticket, objects: Objects, said: tuple[LedgerReading, ...]) -> Ticket:
    """The ticket with a statement of these readings among its files."""
    inputs = StatementInputs(ticket.job_id, said, (), (), {}, {})
    stored = objects.put(f"{ticket.id}/exports/energy.json", json.dumps({"inputs": to_wire(inputs)}).encode())
    file = {"key": stored.key, "sha256": stored.sha256, "size": stored.size}
    return replace(ticket, files={**(ticket.files or {}), "energy.json": file})
