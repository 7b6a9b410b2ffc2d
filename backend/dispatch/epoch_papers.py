"""What of a finished job goes to the energy ledger, read from its published files; and where an epoch's papers are kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from backend.domain.ticket import Ticket
from backend.energy.epochs import JobPapers, papers_key
from backend.energy.statement import StatementInputs
from backend.errors import NotFound
from backend.ports import Nodes, Objects
from backend.verification.job_rounds import JobRounds
from fl_nodes.protocol.ledger_epoch import EpochTerms
from fl_nodes.protocol.ledger_tasks import EpochPapers
from fl_nodes.protocol.wire import from_wire

STATEMENT, ROUNDS = "energy.json", "rounds.json"

Extras = Callable[[Ticket, JobPapers], JobPapers]
"""What others add to a job's papers: claims, a commitment."""


def in_turn(*extras: Extras) -> Extras:
    """Each adds to what the ones before made."""

    def add(ticket: Ticket, papers: JobPapers) -> JobPapers:
        for extra in extras:
            papers = extra(ticket, papers)
        return papers

    return add


def job_papers(ticket: Ticket, objects: Objects, nodes: Nodes) -> JobPapers:
    """Of a ticket with a verdict; NotFound `object.unknown` where a file of its is missing."""
    inputs = from_wire(StatementInputs, _file(ticket, STATEMENT, objects)["inputs"])
    rounds = from_wire(JobRounds, _file(ticket, ROUNDS, objects))
    said = tuple(c for of in rounds.rounds for c in (*of.commitments, *of.unrevealed))
    known = {trainer: nodes.get(trainer) for trainer in {c.trainer for c in said}}
    keys = {trainer: node.key for trainer, node in known.items() if node is not None}
    return JobPapers(ticket.job_id, inputs.readings, said, keys)


def epoch_papers(terms: EpochTerms, objects: Objects) -> EpochPapers:
    """All that a sealed epoch holds; NotFound `object.unknown`."""
    with objects.open(papers_key(terms)) as file:
        return from_wire(EpochPapers, json.load(file))


def _file(ticket: Ticket, name: str, objects: Objects) -> Any:
    entry = (ticket.files or {}).get(name)
    if entry is None:
        raise NotFound("object.unknown", f"Ticket {ticket.id} has no file {name}.")
    with objects.open(entry["key"]) as file:
        return json.load(file)
