"""From scores to wei, exactly. Both sides compute it: the settler to pay, every validator before it signs.

Integers only. Shares follow the largest-remainder (Hamilton) method, ties going to the earlier payee, so they sum to the
pot to the wei. The `accuracy` scheme is the source system's formula: share = own accuracy / sum of accuracies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

BASIS_POINTS = 10_000


class Scheme(StrEnum):
    """How the pot is divided."""

    ACCURACY = "accuracy"
    COMPOSITE = "composite"


@dataclass(frozen=True)
class Work:
    """What one trainer did over the whole job; averages over all rounds, a missed round counting zero."""

    trainer: str
    accuracy_ppm: int
    macro_f1_ppm: int
    examples: int
    milliseconds: int
    millijoules: int
    gpu_use_ppm: int


COMPOSITE_WEIGHTS: Mapping[str, int] = {
    "accuracy": 40,
    "macro_f1": 20,
    "energy_efficiency": 15,
    "duration": 10,
    "examples": 10,
    "gpu_use": 5,
}
"""Percent of the composite score; each part is the trainer's value over the best trainer's."""


def commission(fee_wei: int, commission_bps: int) -> int:
    """The treasury's part, rounded down (in the payees' favour)."""
    return fee_wei * commission_bps // BASIS_POINTS


def divide(pot_wei: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split `pot_wei` by non-negative integer weights, exactly; all-zero weights split evenly."""
    if not weights:
        raise ValueError("a pot needs at least one payee")
    if pot_wei < 0 or any(w < 0 for w in weights):
        raise ValueError("pot and weights must not be negative")
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    shares = [pot_wei * w // total for w in weights]
    remainders = sorted(range(len(weights)), key=lambda i: (-(pot_wei * weights[i] % total), i))
    for i in remainders[: pot_wei - sum(shares)]:
        shares[i] += 1
    return tuple(shares)


def weights(scheme: Scheme, work: Sequence[Work]) -> tuple[int, ...]:
    """Each trainer's integer weight under `scheme`."""
    if scheme is Scheme.ACCURACY:
        return tuple(w.accuracy_ppm for w in work)
    return tuple(sum(parts.values()) for parts in explain(work))


def explain(work: Sequence[Work]) -> tuple[dict[str, int], ...]:
    """The composite score's parts per trainer, in ppm times percent weight: the answer to "why did I get this much"."""
    values = {
        "accuracy": [w.accuracy_ppm for w in work],
        "macro_f1": [w.macro_f1_ppm for w in work],
        "energy_efficiency": [_rate(w.examples, w.millijoules) for w in work],
        "duration": [_rate(w.examples, w.milliseconds) for w in work],
        "examples": [w.examples for w in work],
        "gpu_use": [w.gpu_use_ppm for w in work],
    }
    normal = {name: _over_best(column) for name, column in values.items()}
    return tuple(
        {name: COMPOSITE_WEIGHTS[name] * column[i] for name, column in normal.items()}
        for i in range(len(work))
    )


def shares(scheme: Scheme, fee_wei: int, commission_bps: int, work: Sequence[Work]) -> tuple[int, ...]:
    """Wei per trainer in the order of `work`; with the commission they sum to `fee_wei`."""
    return divide(fee_wei - commission(fee_wei, commission_bps), weights(scheme, work))


def _rate(amount: int, per: int) -> int:
    return amount * 1_000_000 // per if per > 0 else 0


def _over_best(column: Sequence[int]) -> list[int]:
    best = max(column, default=0)
    return [value * 1_000_000 // best if best > 0 else 0 for value in column]
