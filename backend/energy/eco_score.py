"""The Eco Score, 0 to 100, of a job or a node: a published formula of four inputs, monotone in each, exact in whole numbers.

    score = 0.35 energy + 0.35 carbon + 0.15 use + 0.15 accuracy, each part between 0 and 100:

    energy    100 x expected / (expected + used): what the nodes' benchmarks say the work takes at least, against what it took
    carbon    100 x 475 / (475 + intensity): gCO2e per kWh of the electricity used; 475 is the world's average (IEA, 2019)
    use       100 x busy / reserved: seconds that the machines worked, of those they were held for
    accuracy  100 x accuracy on data that was not trained on

Half the energy part is what a benchmark promises, half the carbon part the world's average grid. More energy, dirtier
electricity, more waiting or a worse model never score higher.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from backend.energy.world_average import WORLD_MG_PER_KWH
from fl_nodes.protocol.wire import to_wire

FORMULA = "ecodml-eco-score/1"
WEIGHTS_PERCENT = {"energy": 35, "carbon": 35, "use": 15, "accuracy": 15}
HUNDREDTHS = 10_000
"""A full score, in hundredths of a point."""

PPM = 1_000_000


@dataclass(frozen=True)
class EcoInputs:
    """What the score is made of. Energy in mJ, `mg_per_kwh` the mean intensity of the energy used, times in ms, accuracy in ppm.

    `expected_millijoules` is 0 where no benchmark says anything: the energy part is then 0 too, never better for not being known.
    """

    millijoules: int
    expected_millijoules: int
    mg_per_kwh: int
    busy_ms: int
    reserved_ms: int
    accuracy_ppm: int


@dataclass(frozen=True)
class EcoScore:
    """The score and its parts, each in hundredths of a point (0 to 10 000), rounded down; `of` is what it was made of."""

    hundredths: int
    parts: dict[str, int]
    of: EcoInputs

    def told(self) -> dict[str, Any]:
        """As plain values, in points."""
        return {
            "score": self.hundredths / 100,
            "parts": {name: value / 100 for name, value in self.parts.items()},
            "weights_percent": dict(WEIGHTS_PERCENT),
            "formula": FORMULA,
            "inputs": to_wire(self.of),
        }


def eco_score(of: EcoInputs) -> EcoScore:
    """The score of `of`; ValueError for a negative input."""
    if min(of.millijoules, of.expected_millijoules, of.mg_per_kwh, of.busy_ms, of.reserved_ms) < 0:
        raise ValueError("energy, intensity and times are never negative")
    parts = {
        "energy": _saturating(of.expected_millijoules, of.millijoules),
        "carbon": _saturating(WORLD_MG_PER_KWH, of.mg_per_kwh),
        "use": _part(of.busy_ms, of.reserved_ms),
        "accuracy": _part(of.accuracy_ppm, PPM),
    }
    total = sum((WEIGHTS_PERCENT[name] * value for name, value in parts.items()), Fraction(0)) / 100
    return EcoScore(_hundredths(total), {name: _hundredths(value) for name, value in parts.items()}, of)


def together(several: Sequence[EcoInputs]) -> EcoInputs:
    """The work of several jobs as one: sums, with intensity weighted by energy and accuracy by time worked, rounded against the
    score. ValueError for none.
    """
    if not several:
        raise ValueError("there is nothing to put together")
    used = sum(of.millijoules for of in several)
    busy = sum(of.busy_ms for of in several)
    emitted = sum(of.mg_per_kwh * of.millijoules for of in several)
    right = sum(of.accuracy_ppm * of.busy_ms for of in several)
    return EcoInputs(
        millijoules=used,
        expected_millijoules=sum(of.expected_millijoules for of in several),
        mg_per_kwh=-(-emitted // used) if used else max(of.mg_per_kwh for of in several),
        busy_ms=busy,
        reserved_ms=sum(of.reserved_ms for of in several),
        accuracy_ppm=right // busy if busy else min(of.accuracy_ppm for of in several),
    )


def _saturating(better: int, worse: int) -> Fraction:
    return Fraction(better, better + worse) if better else Fraction(0)


def _part(done: int, of: int) -> Fraction:
    return min(Fraction(1), max(Fraction(0), Fraction(done, of))) if of > 0 else Fraction(0)


def _hundredths(part: Fraction) -> int:
    return part.numerator * HUNDREDTHS // part.denominator
