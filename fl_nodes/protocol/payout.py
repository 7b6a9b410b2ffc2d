"""From scores to wei, exactly. Both sides compute it: the settler to pay, every validator before it signs.

Integers only. Shares follow the largest-remainder (Hamilton) method, ties going to the earlier payee, so they sum to the
pot to the wei. The `accuracy` scheme is the source system's formula: share = own accuracy / sum of accuracies.

The `composite` scheme divides the pot among parts by their weights, and each part among the trainers by what they did of it. Every
part but the contribution is a quality times the examples it was shown on, so that whoever does the same work under two names
earns what it would have earned under one; of the contribution, copies split one share (`contribution`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from math import prod

BASIS_POINTS = 10_000
PERCENT = 100
MOST_OVER_MEDIAN = 2
"""How far above the median a rate counts. Energy and time are what a node says of itself: no claim takes the whole part."""


class Scheme(StrEnum):
    """How the pot is divided."""

    ACCURACY = "accuracy"
    COMPOSITE = "composite"


@dataclass(frozen=True)
class Weights:
    """Percent of the pot that each part of the composite scheme divides; ValueError unless they are 0 to 100 and sum to 100."""

    contribution: int = 40
    macro_f1: int = 20
    energy_efficiency: int = 15
    duration: int = 10
    examples: int = 10
    gpu_use: int = 5

    def __post_init__(self) -> None:
        if sum(self.by_part.values()) != PERCENT or any(w < 0 for w in self.by_part.values()):
            raise ValueError(f"the weights must not be negative and sum to 100, unlike {self}")

    @classmethod
    def read(cls, text: str) -> Weights:
        """Weights as `str` writes them: `contribution=40,macro_f1=20,...`, a part that is not named having none."""
        named = [item.partition("=") for item in text.split(",")]
        given = {name.strip(): int(percent) for name, _, percent in named}
        if len(given) < len(named) or not set(given) <= {f.name for f in fields(cls)}:
            raise ValueError(f"expected {WEIGHTS}, each part once, not {text!r}")
        return cls(**{f.name: given.get(f.name, 0) for f in fields(cls)})

    def __str__(self) -> str:
        return ",".join(f"{name}={percent}" for name, percent in self.by_part.items())

    @property
    def by_part(self) -> Mapping[str, int]:
        """The weights by the part's name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


WEIGHTS = Weights()


@dataclass(frozen=True)
class Work:
    """What one trainer did over the whole job, as far as it pays.

    Accuracy is an average over all rounds, a missed round counting zero; macro-F1 and GPU use are averages over the examples
    processed; the contribution is a sum over all rounds, in millionths of the utility that `contribution` names.
    """

    trainer: str
    accuracy_ppm: int
    macro_f1_ppm: int
    examples: int
    milliseconds: int
    millijoules: int
    gpu_use_ppm: int
    contribution_ppm: int = 0


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


def parts(scheme: Scheme, work: Sequence[Work]) -> dict[str, tuple[int, ...]]:
    """By part, what each trainer did of it: the part is divided in proportion. Negative values count zero."""
    if scheme is Scheme.ACCURACY:
        return {"accuracy": tuple(w.accuracy_ppm for w in work)}
    examples = [max(w.examples, 0) for w in work]
    per_part = {
        "contribution": [w.contribution_ppm for w in work],
        "macro_f1": [w.macro_f1_ppm * n for w, n in zip(work, examples, strict=True)],
        "energy_efficiency": _rated(examples, [w.millijoules for w in work]),
        "duration": _rated(examples, [w.milliseconds for w in work]),
        "examples": examples,
        "gpu_use": [w.gpu_use_ppm * n for w, n in zip(work, examples, strict=True)],
    }
    return {name: tuple(max(value, 0) for value in column) for name, column in per_part.items()}


def claims(scheme: Scheme, work: Sequence[Work], weights: Weights = WEIGHTS) -> tuple[tuple[int, ...], ...]:
    """Per trainer, its claim on the pot by part, in the order of `parts`; all in one unit, so that they add up.

    A part of which nobody did anything claims nothing: the others then divide the whole pot. Where that is so of every part that
    has a weight, examples divide it: evenly, somebody with two names would earn twice.
    """
    columns = parts(scheme, work)
    percent = weights.by_part if scheme is Scheme.COMPOSITE else {"accuracy": PERCENT}
    if scheme is Scheme.COMPOSITE and not any(
        percent[name] * sum(column) for name, column in columns.items()
    ):
        percent = dict.fromkeys(columns, 0) | {"examples": PERCENT}
    totals = {name: sum(column) or 1 for name, column in columns.items()}
    common = prod(totals.values())
    return tuple(
        tuple(percent[name] * column[i] * (common // totals[name]) for name, column in columns.items())
        for i in range(len(work))
    )


def shares(
    scheme: Scheme, fee_wei: int, commission_bps: int, work: Sequence[Work], weights: Weights = WEIGHTS
) -> tuple[int, ...]:
    """Wei per trainer in the order of `work`; with the commission they sum to `fee_wei`."""
    pot_wei = fee_wei - commission(fee_wei, commission_bps)
    return divide(pot_wei, [sum(claim) for claim in claims(scheme, work, weights)])


def _rated(examples: Sequence[int], spent: Sequence[int]) -> list[int]:
    """Examples times examples per unit spent, that rate counting to a multiple of its median over all examples."""
    rates = [n * 1_000_000 // s if s > 0 else 0 for n, s in zip(examples, spent, strict=True)]
    most = MOST_OVER_MEDIAN * _median(rates, examples)
    return [n * min(rate, most) for n, rate in zip(examples, rates, strict=True)]


def _median(values: Sequence[int], counts: Sequence[int]) -> int:
    """The lower median of values that occur so many times; 0 for none."""
    seen, all_of_them = 0, sum(counts)
    for value, count in sorted(zip(values, counts, strict=True)):
        seen += count
        if 2 * seen >= all_of_them:
            return value
    return 0
