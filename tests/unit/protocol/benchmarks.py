"""Benchmarks as machines would answer them, for tests."""

from __future__ import annotations

from fl_nodes.protocol.benchmark import PARTS, TRAINING_ROWS, job_id
from fl_nodes.protocol.tasks import Benchmarked, Commitment, EnergyReading


def commitment(
    trainer: str, millijoules: int, steps: int, *, job: str = "0xjob", number: int = 1, examples: int = 100
) -> Commitment:
    """A commitment of which only the energy matters."""
    energy = EnergyReading(millijoules, "modelled", 400_000, "a model", 1.0)
    return Commitment(
        job, number, trainer, "aa" * 32, 1, "bb" * 32, 1, steps, examples, 0.1, 900_000, energy, 0, "e"
    )


def benchmarked(
    provider: str, per_step: float = 2.0, per_mflop: float = 0.02, hardware: str = "cpu", number: int = 1
) -> Benchmarked:
    """The answer of a machine with these prices in millijoules."""
    parts = tuple(
        commitment(
            provider,
            round(per_step * p.steps + per_mflop * p.flops / 1e6),
            p.steps,
            job=job_id(provider, number),
            number=i,
            examples=TRAINING_ROWS,
        )
        for i, p in enumerate(PARTS, 1)
    )
    return Benchmarked(provider, number, parts, hardware)
