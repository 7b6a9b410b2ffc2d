"""A node's rating over time, from chain events alone: the baseline that benchmarks set, the quality that verdicts move."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from backend.domain.rating_step import BENCHMARK, JOINED, VERDICT, RatingStep
from backend.ports import ChainEvent
from backend.verification.stakes import NEWCOMER_BPS, moved_quality, showed


@dataclass(frozen=True)
class Rated:
    """Both halves and the rating after one step, in basis points."""

    kind: str
    at: int
    tx: str
    job_id: str
    bps: int
    baseline_bps: int
    quality_bps: int
    rating_bps: int


def steps_of(event: ChainEvent, at: int) -> tuple[RatingStep, ...]:
    """The steps that an event of the market chain is, one per provider; none for most."""
    said, place = event.args, (at, event.block, event.log_index, event.tx)
    match event.name:
        case "NodeRegistered":
            return (RatingStep(said["provider"], JOINED, 0, *place),)
        case "BaselineChanged":
            return (RatingStep(said["provider"], BENCHMARK, said["baseline"], *place),)
        case "JobSettled":
            shown = zip(said["payees"], showed(said), strict=False)
            return tuple(RatingStep(p, VERDICT, bps, *place, said["jobId"]) for p, bps in shown)
        case _:
            return ()


def history(steps: Iterable[RatingStep]) -> tuple[Rated, ...]:
    """One provider's rating after each of its steps, in the order of the chain. Who left and came back keeps both halves."""
    baseline = quality = NEWCOMER_BPS
    rated = []
    for step in steps:
        if step.kind == BENCHMARK:
            baseline = step.bps
        elif step.kind == VERDICT:
            quality = moved_quality(quality, step.bps)
        mean = (baseline + quality) // 2
        rated.append(Rated(step.kind, step.at, step.tx, step.job_id, step.bps, baseline, quality, mean))
    return tuple(rated)
