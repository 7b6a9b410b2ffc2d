"""What a job's energy claims are held against, and what came of it for the ticket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.dispatch.benchmark_files import signed_benchmark
from backend.dispatch.job import Job
from backend.domain.ticket import Ticket
from fl_nodes.protocol import benchmark, verdict
from fl_nodes.protocol.signing import benchmarked_text
from fl_nodes.protocol.tasks import Benchmarked
from fl_nodes.protocol.verdict_tasks import EnergyBasis, VerdictTask
from fl_nodes.protocol.wire import from_wire

BASIS = "energy_basis.json"


def energy_basis(job: Job, ticket: Ticket) -> EnergyBasis:
    """The job's work and the benchmarks its trainers have signed so far. Kept: a verdict asked for again must be the same."""
    key = job.key(BASIS)
    kept = job.load_json(key)
    if kept is not None:
        return from_wire(EnergyBasis, kept)
    baselines = {}
    for trainer in ticket.trainers:
        node = job.parts.nodes.get(trainer)
        signed = signed_benchmark(job.parts.objects, node) if node is not None else None
        if signed is not None and _holds(job, trainer, signed):
            baselines[trainer] = signed
    basis = EnergyBasis(ticket.architecture, ticket.spec.local_epochs, baselines)
    job.save_json(key, basis)
    return basis


def _holds(job: Job, trainer: str, signed: Benchmarked) -> bool:
    """Whether it is of the benchmark as it is now, and of the key that the node has now."""
    market = job.parts.market
    text = benchmarked_text(market.chain_id, market.escrow_address, signed)
    signer = job.parts.signatures.signer(text, signed.signature)
    return not benchmark.defect(signed) and signer == job.key_of(trainer)


def with_claims(energy: Mapping[str, dict[str, Any]], task: VerdictTask) -> dict[str, dict[str, Any]]:
    """A ticket's energy by trainer, with what of each claim counts for pay: `expected_joules` by its benchmark at the least,
    `counted_joules`, and whether the claim was `plausible`; for credits `least_millijoules`, what to reckon with for one round."""
    found = dict(energy)
    for trainer, claim in verdict.claims_of(task).items():
        if trainer in found and task.energy_basis is not None:
            found[trainer] = found[trainer] | {
                "expected_joules": claim.expected / 1000,
                "counted_joules": claim.counted / 1000,
                "plausible": claim.plausible,
                "least_millijoules": claim.least_of_a_round,
            }
    return found
