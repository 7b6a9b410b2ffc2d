"""Tickets and tasks to try stores with."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

from backend.domain.spec import DML, DatasetFacts, JobSpec, Quote
from backend.domain.task import Task
from backend.domain.ticket import RoundRecord, Ticket
from fl_nodes.protocol.tasks import Role, TaskKind

_numbers = itertools.count(1)
LARGE_FEE_WEI = 3_000_000 * DML


def new_ticket(**fields: Any) -> Ticket:
    """A fresh ticket with a fee beyond 64 bits, and names a database might trip over."""
    number = next(_numbers)
    ticket = Ticket(
        id=f"ticket-{number}",
        ref=f"0x{number:064x}",
        job_id=f"0x{number + 2**200:064x}",
        customer="0xCustomer",
        spec=JobSpec(),
        dataset=DatasetFacts("résumé.csv", 10**9, "ab" * 32, "csv", 100, 3, ("yes", "no"), (2,)),
        quote=Quote(LARGE_FEE_WEI, 0, LARGE_FEE_WEI),
        architecture={"layers": [{"kind": "dense", "units": 3}], "a.b": {"$set": 0.1}},
        deadline=2_000_000_000,
    )
    return replace(ticket, **fields)


def round_record(number: int) -> RoundRecord:
    """A closed round."""
    metrics = {"loss": 0.1 + 0.2, "per.class": [1, 2]}
    return RoundRecord(number, "cd" * 32, f"jobs/r{number}", "ef" * 32, metrics, ({"trainer": "0xA"},), 1.5)


def new_task(worker: str = "0xWorker", ticket_id: str = "ticket", **fields: Any) -> Task:
    """A fresh task."""
    payload = {"fee_wei": str(LARGE_FEE_WEI), "huge": LARGE_FEE_WEI, "model.keras": {"$ref": [0.1, None]}}
    task = Task(
        f"task-{next(_numbers)}", ticket_id, worker, Role.TRAINER, TaskKind.TRAIN, payload, 1_900_000_000.5
    )
    return replace(task, **fields)
