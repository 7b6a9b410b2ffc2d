"""The baseline of a job: what one node's work in one round would take if any of the available trainers did it, at once and at full
speed. Rounded down, for credits are held against it (docs/adr on policies and the baseline).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median_low

from backend.domain.decision import BASELINE_POLICY, Counterfactual
from fl_nodes.protocol.reading import MILLIJOULES_PER_KWH

SECONDS_PER_HOUR = 3600
MOST_TIMES_MEDIAN = 2
"""No candidate counts for more than so many times the median one: few wasteful benchmarks do not lift the mean far."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one round takes on a trainer at full speed, expected before the run, and what its grid emits now (location-based)."""

    millijoules: int
    seconds: float
    mg_per_kwh: int


def counterfactual(candidates: Sequence[Candidate]) -> Counterfactual:
    """The mean over the candidates; nothing where there are none."""
    if not candidates:
        return Counterfactual()
    limit = MOST_TIMES_MEDIAN * median_low([c.millijoules for c in candidates])
    count = len(candidates)
    counted = [min(c.millijoules, limit) for c in candidates]
    hours = [
        int(mj * SECONDS_PER_HOUR / c.seconds)
        for mj, c in zip(counted, candidates, strict=True)
        if c.seconds > 0
    ]
    grams = sum(mj * c.mg_per_kwh for mj, c in zip(counted, candidates, strict=True)) * 1000
    return Counterfactual(
        policy=BASELINE_POLICY,
        nodes=count,
        millijoules=sum(counted) // count,
        mg_per_kwh=sum(c.mg_per_kwh for c in candidates) // count,
        micrograms=grams // (MILLIJOULES_PER_KWH * count),
        hour_millijoules=sum(hours) // len(hours) if hours else 0,
    )
