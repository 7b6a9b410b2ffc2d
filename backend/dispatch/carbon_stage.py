"""What a job's work emits: the grids' intensities are looked up once per round, the statement is made once at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backend.dispatch.job import Job
from backend.domain.intensity import Intensity, hour_of
from backend.domain.node import Node
from backend.domain.result_files import STATEMENT
from backend.domain.ticket import Ticket
from backend.energy.carbon import Supplied, Where, ledger_readings
from backend.energy.statement import RoundTimes, StatementInputs, statement
from backend.ports import StoredObject
from backend.verification.round_evidence import RoundEvidence
from fl_nodes.protocol.site_supply import claimed
from fl_nodes.protocol.tasks import Commitment
from fl_nodes.protocol.wire import from_wire

MILLISECONDS = 1000


def where(job: Job, ticket: Ticket, number: int) -> Where:
    """What the grid of each of the job's trainers emits in the hour of a round. Kept: a round that is taken up again after a
    crash is reckoned with the same figures.
    """
    key = job.key("rounds", number, "intensity.json")
    kept = job.load_json(key)
    if kept is not None:
        return {trainer: from_wire(Intensity, of) for trainer, of in kept.items()}
    now = job.parts.clock()
    found = {trainer: job.parts.intensities.at(_zone(job, trainer), now) for trainer in ticket.trainers}
    supplied(job, ticket, number)  # of the same hour
    job.save_json(key, found)
    return found


def supplied(job: Job, ticket: Ticket, number: int) -> Supplied:
    """What the sites of the job's trainers gave in a round's hour, as they announced it; kept as `where` is."""
    key = job.key("rounds", number, "supply.json")
    kept = job.load_json(key)
    if kept is not None:
        return {trainer: int(watts) for trainer, watts in kept.items()}
    hour = hour_of(job.parts.clock())
    nodes = {trainer: job.parts.nodes.get(trainer) for trainer in ticket.trainers}
    claims = {trainer: claimed(node.forecast) if node else None for trainer, node in nodes.items()}
    found = {trainer: claim.watts_at(hour) for trainer, claim in claims.items() if claim}
    job.save_json(key, found)
    return found


def energy_statement(
    job: Job,
    ticket: Ticket,
    evidence: Sequence[RoundEvidence],
    expected_millijoules: Mapping[str, int],
    accuracy_ppm: int | None,
) -> tuple[StoredObject, dict[str, Any]]:
    """The job's statement among its files, and what it comes to. Kept: said once, it stays as it was said."""
    key = job.key("exports", STATEMENT)
    kept = job.load_json(key)
    document = kept or statement(_inputs(job, ticket, evidence, expected_millijoules, accuracy_ppm))
    return job.save_json(key, document), dict(document["results"])


def _inputs(
    job: Job,
    ticket: Ticket,
    evidence: Sequence[RoundEvidence],
    expected_millijoules: Mapping[str, int],
    accuracy_ppm: int | None,
) -> StatementInputs:
    commitments = [c for said in evidence for c in (*said.commitments, *said.unrevealed)]
    places = {said.round: where(job, ticket, said.round) for said in evidence}
    given = {said.round: supplied(job, ticket, said.round) for said in evidence}
    nodes = {trainer: job.parts.nodes.get(trainer) for trainer in ticket.trainers}
    readings = ledger_readings(ticket.job_id.removeprefix("0x"), commitments, places, given)
    return StatementInputs(
        job=ticket.job_id,
        readings=readings,
        intensities=_used(places, commitments),
        rounds=tuple(_times(ticket, said) for said in evidence),
        hardware={t: _hardware(node.hardware if node else {}) for t, node in nodes.items()},
        expected_millijoules=dict(expected_millijoules),
        accuracy_ppm=accuracy_ppm,
        idle_milliwatts={t: watts for t, node in nodes.items() if (watts := _idle_milliwatts(node))},
    )


def _used(places: Mapping[int, Where], commitments: Sequence[Commitment]) -> tuple[Intensity, ...]:
    used = {places[c.round][c.trainer]: None for c in commitments}
    return tuple(used)


def _times(ticket: Ticket, said: RoundEvidence) -> RoundTimes:
    """A round's times; one that was not closed held its trainers for as long as the slowest worked."""
    busy = {c.trainer: round(c.energy.seconds * MILLISECONDS) for c in (*said.commitments, *said.unrevealed)}
    closed = {r.number: r.seconds for r in ticket.rounds}
    held = round(closed.get(said.round, 0.0) * MILLISECONDS)
    return RoundTimes(said.round, max(held, *busy.values(), 0), busy)


def _zone(job: Job, trainer: str) -> str:
    node = job.parts.nodes.get(trainer)
    return node.zone if node is not None else ""


def _idle_milliwatts(node: Node | None) -> int:
    """What a node says it draws while it waits, rounded up; 0 where it says nothing."""
    energy = node.energy if node is not None else None
    if energy is None or not energy.idle_seconds:
        return 0
    return -(-energy.idle_millijoules // energy.idle_seconds)


def _hardware(described: Mapping[str, Any]) -> dict[str, Any]:
    """What of a machine counts for making it."""
    return {name: described[name] for name in ("cpus", "gpus") if name in described}
