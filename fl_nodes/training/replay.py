"""Re-running one segment of another node's work, and how far its claimed end lies from ours.

The optimizer's state is compared like the weights: otherwise poison could travel from segment to segment in a momentum.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fl_nodes.protocol.tasks import TrainingSpec
from fl_nodes.training.data import Split
from fl_nodes.training.engine import Engine, State
from fl_nodes.training.tensors import Array, difference, finite, norm
from fl_nodes.training.trainer import run_segment

START_SHARE = 1e-3
"""Part of the start's norm added to the distance's denominator, so that rounding does not count where hardly anything moves."""


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
    """Re-run segment `index` from `start`. A claim of only weights (empty optimizer) is compared by its weights."""
    end = run_segment(engine, spec, start, split, index).end
    if not (finite(end.weights) and finite(end.optimizer)):
        # Honest training diverges too where the learning rate is too high: nothing can be proven from here on.
        return Comparison(0.0, True, "training diverges here: the replay is not finite", end)
    if not (finite(claimed.weights) and finite(claimed.optimizer)):
        return Comparison(math.inf, False, "the claimed end is not finite", end)
    distance = relative_distance(start.weights, end.weights, claimed.weights)
    if claimed.optimizer:
        slots = [i for i, a in enumerate(end.optimizer) if np.issubdtype(a.dtype, np.floating)]
        parts = [[state.optimizer[i] for i in slots] for state in (start, end, claimed)]
        distance = max(distance, relative_distance(*parts))
        if any(
            int(a) != int(b)
            for i, (a, b) in enumerate(zip(claimed.optimizer, end.optimizer, strict=True))
            if i not in slots
        ):
            return Comparison(math.inf, False, "the claimed optimizer has counted other steps", end)
    if distance > tolerance:
        return Comparison(distance, False, f"the claimed end lies {distance:.3g} from the replayed one", end)
    return Comparison(distance, True, "", end)


def relative_distance(start: Sequence[Array], replayed: Sequence[Array], claimed: Sequence[Array]) -> float:
    """||claimed - replayed|| / (||replayed - start|| + 1e-3 ||start||); 0 where both ends are equal."""
    apart = norm(difference(claimed, replayed))
    if apart == 0.0:
        return 0.0
    scale = norm(difference(replayed, start)) + START_SHARE * norm(start)
    return apart / scale if scale > 0.0 else math.inf
