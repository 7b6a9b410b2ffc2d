"""The benchmark's work, the same for every node, and what a node's readings of it say of its joules per unit of work.

Two parts on the handwritten digits. `light` is a logistic regression in thousands of small steps: what it costs is the cost of
taking a step at all. `heavy` is wide dense layers in few large steps: what it costs beyond its steps is arithmetic. Together
they give a price per step and one per floating-point operation. Few models are as cheap per step as the first or per operation
as the second, so other work of the same machine is not expected to cost less than the sum of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fl_nodes.protocol.architecture import forward_flops
from fl_nodes.protocol.tasks import Benchmarked, TrainingSpec

INPUTS, CLASSES, TRAINING_ROWS, HELD_OUT_ROWS = 64, 10, 1438, 359
SEGMENT_STEPS = 64
REPLAYED_SEGMENTS = 4


@dataclass(frozen=True)
class Part:
    """One piece of the benchmark: a model and how it is trained, but for the seed."""

    name: str
    architecture: Mapping[str, Any]
    batch_size: int
    epochs: int
    learning_rate: float

    def training(self, seed: int) -> TrainingSpec:
        """The fixed sequence with this seed."""
        return TrainingSpec("sgd", self.learning_rate, self.batch_size, self.epochs, SEGMENT_STEPS, seed)

    @property
    def steps(self) -> int:
        """Optimizer steps."""
        return -(-TRAINING_ROWS // self.batch_size) * self.epochs

    @property
    def flops(self) -> int:
        """Operations of the forward passes; those of whole steps are about three times as many, here as in any job."""
        return forward_flops(self.architecture) * TRAINING_ROWS * self.epochs


def _dense(*widths: int) -> dict[str, Any]:
    hidden: list[dict[str, Any]] = [{"kind": "dense", "units": w, "activation": "relu"} for w in widths]
    return {
        "input_shape": [INPUTS],
        "classes": CLASSES,
        "layers": [*hidden, {"kind": "dense", "units": CLASSES}],
    }


LIGHT = Part("light", _dense(), batch_size=32, epochs=80, learning_rate=0.1)
HEAVY = Part("heavy", _dense(512, 512), batch_size=256, epochs=24, learning_rate=0.3)
PARTS = (LIGHT, HEAVY)


def job_id(provider: str, number: int) -> str:
    """What stands for the job in a benchmark's commitments; no id of a job on chain looks like it."""
    return f"benchmark/{provider}/{number}"


def defect(benchmarked: Benchmarked) -> str:
    """Why this is no benchmark of the work above; empty when it may be. (Its signature is checked by the caller.)"""
    due = [(job_id(benchmarked.provider, benchmarked.number), i, p.steps) for i, p in enumerate(PARTS, 1)]
    if [(c.job_id, c.round, c.steps) for c in benchmarked.parts] != due:
        return "does not commit to the benchmark's parts"
    if any(c.trainer != benchmarked.provider for c in benchmarked.parts):
        return "commits to another node's work"
    if any(c.energy.millijoules < 0 or not c.energy.seconds >= 0 for c in benchmarked.parts):
        return "claims negative energy or time"
    return ""


def hardware_class(benchmarked: Benchmarked) -> tuple[str, ...]:
    """Machines that can be held against each other: the same hardware, metered in the same way."""
    return (benchmarked.hardware, *(f"{c.energy.kind} {c.energy.method}" for c in benchmarked.parts))


def millijoules(benchmarked: Benchmarked) -> int:
    """Energy of all parts, as claimed."""
    return sum(c.energy.millijoules for c in benchmarked.parts)


@dataclass(frozen=True)
class Cost:
    """Prices of a step and of a forward pass's operation: `per_step` and `per_flop` millijoules (or microseconds) over `unit`."""

    per_step: int
    per_flop: int
    unit: int

    def of(self, steps: int, flops: int) -> int:
        """Millijoules (or microseconds) of so much work, rounded down."""
        return (self.per_step * steps + self.per_flop * flops) // self.unit


def cost(benchmarked: Benchmarked) -> Cost:
    """The prices at which both parts come to what was claimed; where one would be negative it is zero and the other the lower.

    Solves energy = per_step x steps + per_flop x flops for the two parts by Cramer's rule, in integers.
    """
    light, heavy = (c.energy.millijoules for c in benchmarked.parts)
    return _prices(light, heavy)


def time_cost(benchmarked: Benchmarked) -> Cost:
    """As `cost`, in microseconds of the parts' own clocks: claimed too, and held against what was observed only as a whole."""
    light, heavy = (round(c.energy.seconds * 1_000_000) for c in benchmarked.parts)
    return _prices(light, heavy)


def _prices(light: int, heavy: int) -> Cost:
    unit = LIGHT.steps * HEAVY.flops - HEAVY.steps * LIGHT.flops
    per_step = light * HEAVY.flops - heavy * LIGHT.flops
    per_flop = heavy * LIGHT.steps - light * HEAVY.steps
    if per_step < 0:
        return Cost(0, min(light * HEAVY.flops, heavy * LIGHT.flops), LIGHT.flops * HEAVY.flops)
    if per_flop < 0:
        return Cost(min(light * HEAVY.steps, heavy * LIGHT.steps), 0, LIGHT.steps * HEAVY.steps)
    return Cost(per_step, per_flop, unit)
