"""What a benchmark says of a node as a baseline in basis points, and how that fades where no new one follows. Pure.

The market contract makes a node's rating of two halves: this baseline, and the quality of its settled work.
"""

from __future__ import annotations

from dataclasses import dataclass

BASIS_POINTS = 10_000
INITIAL_BASELINE_BPS = 5_000
"""What the contract gives a newcomer (`NodeDeposits.INITIAL_BASELINE_BPS`)."""

WEIGHTS = {"accuracy": 15, "macro_f1": 15, "duration": 35, "energy": 35}
"""Percent of the baseline. Whoever does the work at all gets nearly all of the first two: they weigh less than what differs."""

RENEWED_AT = 0.9
"""Part of a period after which a node is benchmarked again, so that one that is there never sees its baseline fade."""

KEPT_PERCENT = 90
"""What is left of a baseline after another period without a new benchmark."""

HANDOVER_SECONDS = 2.0
"""Time that handing a task out, fetching its data and handing the answer in may take beside the work itself."""


@dataclass(frozen=True)
class Reference:
    """The machine that speed and frugality are relative to: its seconds and joules for the whole benchmark."""

    seconds: float
    joules: float


@dataclass(frozen=True)
class Measured:
    """A benchmark's outcome: mean accuracy and macro-F1 of its parts in [0, 1], measured by the operator; seconds as in
    `rated_seconds`; energy with its class and band.
    """

    accuracy: float
    macro_f1: float
    seconds: float
    joules: float
    kind: str
    band_ppm: int


@dataclass(frozen=True)
class Baseline:
    """What is known of a node's baseline; Unix seconds.

    `bps` is what the chain is told. `since` is when it was benchmarked at `rated_bps`, or first seen; `periods` how often it was
    lowered since.
    `number` counts attempts, `tried` is the last one's time, `failure` why that one gave no baseline. `benchmark` is the number
    that `measured` comes from and `key` the object in which its signed answer is kept; 0 and "" before the first.
    """

    bps: int
    since: float
    periods: int = 0
    number: int = 0
    tried: float = 0.0
    failure: str = ""
    benchmark: int = 0
    key: str = ""
    measured: Measured | None = None
    rated_bps: int = INITIAL_BASELINE_BPS


def baseline_bps(measured: Measured, reference: Reference) -> int:
    """The PoML rating of a benchmark, 0 to 10 000:

        100 x (15 accuracy + 15 macro_f1 + 35 s / (1 + s) + 35 e / (1 + e))

    with s = reference seconds / seconds and e = reference joules / joules. A machine like the reference gets half of the last
    two, one twice as good two thirds; no machine gets more than all. No time or no energy at all is not believed: it counts as
    the reference's.
    """
    parts = {
        "accuracy": _within(measured.accuracy),
        "macro_f1": _within(measured.macro_f1),
        "duration": _saturating(reference.seconds, measured.seconds),
        "energy": _saturating(reference.joules, measured.joules),
    }
    score = sum(WEIGHTS[name] * value for name, value in parts.items()) / sum(WEIGHTS.values())
    return round(BASIS_POINTS * _within(score))


def rated_seconds(claimed: float, observed: float) -> float:
    """The duration to reckon with: what the node claims, as far as what the backend saw from hand-out to answer allows.

    More than was observed cannot have been; less than it by more than `HANDOVER_SECONDS` is not believed.
    """
    return min(observed, max(claimed, observed - HANDOVER_SECONDS))


def faded_bps(bps: int, periods: int) -> int:
    """What is left of a benchmark's `bps` after whole periods without a new one, rounded down: a tenth less each."""
    return int(bps * KEPT_PERCENT**periods // 100**periods)


def periods_passed(since: float, now: float, period: float) -> int:
    """Whole periods since a baseline was set, the first of which it is good for."""
    return max(0, int((now - since) // period))


def _saturating(reference: float, own: float) -> float:
    if own <= 0:
        return 0.5
    ratio = reference / own
    return ratio / (1 + ratio)


def _within(value: float) -> float:
    return min(1.0, max(0.0, value))
