"""The fixed sequence of local training: which rows make which batch, in which step, in which segment.

The order of a pass sorts raw PCG64 words, whose stream numpy guarantees for ever (its `permutation` it does not).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fl_nodes.protocol.hashing import derive_seed
from fl_nodes.protocol.tasks import TrainingSpec


@dataclass(frozen=True)
class Batches:
    """The batches of one segment: batch i is `rows[bounds[i]:bounds[i + 1]]`."""

    rows: npt.NDArray[np.int32]
    bounds: npt.NDArray[np.int32]

    @property
    def steps(self) -> int:
        """Number of optimizer steps."""
        return len(self.bounds) - 1


def steps(examples: int, spec: TrainingSpec) -> int:
    """Optimizer steps of the whole run; the last batch of a pass may be smaller."""
    return -(-examples // spec.batch_size) * spec.local_epochs


def segments(examples: int, spec: TrainingSpec) -> int:
    """Segments of the whole run; the last may be shorter."""
    return -(-steps(examples, spec) // spec.segment_steps)


def order(examples: int, spec: TrainingSpec, local_epoch: int) -> npt.NDArray[np.int32]:
    """The rows of one pass over the shard, shuffled."""
    words = np.random.PCG64(derive_seed(spec.seed, "order", local_epoch)).random_raw(examples)
    return np.argsort(words, kind="stable").astype(np.int32)


def batches(examples: int, spec: TrainingSpec, segment: int) -> Batches:
    """The batches of segment `segment` (0-based)."""
    per_pass = -(-examples // spec.batch_size)
    first = segment * spec.segment_steps
    last = min(first + spec.segment_steps, steps(examples, spec))
    rows: list[npt.NDArray[np.int32]] = []
    bounds = [0]
    orders: dict[int, npt.NDArray[np.int32]] = {}
    for step in range(first, last):
        local_epoch, place = divmod(step, per_pass)
        if local_epoch not in orders:
            orders[local_epoch] = order(examples, spec, local_epoch)
        rows.append(orders[local_epoch][place * spec.batch_size : (place + 1) * spec.batch_size])
        bounds.append(bounds[-1] + len(rows[-1]))
    return Batches(np.concatenate(rows), np.array(bounds, np.int32))


def dropout_seed(spec: TrainingSpec, segment: int) -> int:
    """What every layer's random state starts from in this segment."""
    return derive_seed(spec.seed, "dropout", segment)
