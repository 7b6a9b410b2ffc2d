"""What moved a node's rating: joining, a benchmark, a settled job. Each step is what the chain said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RatingStep:
    """One event that concerns one provider. `bps` is the baseline that was set, or what the job showed (own accuracy over the best
    one's); 0 for `joined`. `at` is the block's time in Unix seconds; `job_id` is empty but for a `verdict`.
    """

    provider: str
    kind: str
    bps: int
    at: int
    block: int
    log_index: int
    tx: str
    job_id: str = ""


JOINED, BENCHMARK, VERDICT = "joined", "benchmark", "verdict"
