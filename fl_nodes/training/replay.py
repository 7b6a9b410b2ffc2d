"""Re-running one segment of another node's work, and how far its claimed end lies from ours.

The optimizer's state is compared like the weights: otherwise poison could travel from segment to segment in a momentum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fl_nodes.protocol.hashing import derive_seed
from fl_nodes.protocol.tasks import TrainingSpec
from fl_nodes.training.data import Split
from fl_nodes.training.engine import Engine, State
from fl_nodes.training.tensors import Array, difference, finite, norm
from fl_nodes.training.trainer import run_segment

START_SHARE = 1e-3
"""Part of the start's norm added to the distance's denominator, so that rounding does not count where hardly anything moves."""


ROUNDING = 1e-6
"""Size of the disturbances below, relative to a layer's weights: what other threads or instructions add up to in a segment."""

DISTURBED_RUNS = 8
SAFETY = 10.0
"""How far rounding reaches is heavy-tailed where training is chaotic: 4 runs and a factor of 3 let one honest segment of 864 be
accused (`make bench-learning`, part `calibration`). The runs are made only where a distance would accuse.
"""


@dataclass(frozen=True)
class Comparison:
    """How a claimed end compares: relative distance (inf where it cannot be said) and, on a mismatch, why."""

    distance: float
    matches: bool
    reason: str
    replayed: State


def replay(
    engine: Engine,
    spec: TrainingSpec,
    split: Split,
    index: int,
    start: State,
    claimed: State,
    tolerance: float,
) -> Comparison:
    """Re-run segment `index` from `start`. A claim of only weights (empty optimizer) is compared by its weights.

    Training with large steps is chaotic: it can carry a rounding error further than a cheat goes. So before a distance
    accuses, it is held against the distance that disturbances of rounding size cause in this very segment.
    """
    end = run_segment(engine, spec, start, split, index).end
    if not _finite(end):
        # Honest training diverges too where the learning rate is too high: nothing can be proven from here on.
        return Comparison(0.0, True, "training diverges here: the replay is not finite", end)
    if claimed.optimizer and _counters(claimed) != _counters(end):
        return Comparison(math.inf, False, "the claimed optimizer has counted other steps", end)
    distance = _distance(start, end, claimed) if _finite(claimed) else math.inf
    if distance <= tolerance:
        return Comparison(distance, True, "", end)
    reach = SAFETY * _reach_of_rounding(engine, spec, split, index, start, end)
    if distance <= reach:
        return Comparison(distance, True, f"inconclusive: rounding alone can reach {reach:.3g} here", end)
    if math.isinf(distance):
        return Comparison(distance, False, "the claimed end is not finite", end)
    return Comparison(distance, False, f"the claimed end lies {distance:.3g} from the replayed one", end)


def _reach_of_rounding(
    engine: Engine, spec: TrainingSpec, split: Split, index: int, start: State, end: State
) -> float:
    """The largest distance from `end` that a start disturbed by rounding-sized noise arrives at; inf if it diverges."""
    random = np.random.default_rng(derive_seed(spec.seed, "disturbance", index))
    reached = 0.0
    for _ in range(DISTURBED_RUNS):
        noisy = [
            w + (ROUNDING * _rms(w) * random.standard_normal(w.shape)).astype(np.float32)
            for w in start.weights
        ]
        other = run_segment(engine, spec, State(noisy, start.optimizer), split, index).end
        if not _finite(other):
            return math.inf
        reached = max(reached, _distance(start, end, other))
    return reached


def _rms(array: Array) -> float:
    return norm([array]) / math.sqrt(array.size) if array.size else 0.0


def _distance(start: State, replayed: State, claimed: State) -> float:
    """Of the weights, and of the optimizer's float state where it is claimed: the larger."""
    distance = relative_distance(start.weights, replayed.weights, claimed.weights)
    if claimed.optimizer:
        parts = [[a for a in s.optimizer if _is_float(a)] for s in (start, replayed, claimed)]
        distance = max(distance, relative_distance(*parts))
    return distance


def _finite(state: State) -> bool:
    return finite(state.weights) and finite(state.optimizer)


def _counters(state: State) -> list[int]:
    return [int(a) for a in state.optimizer if not _is_float(a)]


def _is_float(array: Array) -> bool:
    return bool(np.issubdtype(array.dtype, np.floating))


def relative_distance(start: Sequence[Array], replayed: Sequence[Array], claimed: Sequence[Array]) -> float:
    """||claimed - replayed|| / (||replayed - start|| + 1e-3 ||start||); 0 where both ends are equal."""
    apart = norm(difference(claimed, replayed))
    if apart == 0.0:
        return 0.0
    scale = norm(difference(replayed, start)) + START_SHARE * norm(start)
    return apart / scale if scale > 0.0 else math.inf
