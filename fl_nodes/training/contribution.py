"""What each update of a round contributed, measured on rows of the validation split.

The game (`protocol.contribution`): a subset's model is the global model plus the mean of all updates, weighted by examples, in
which the updates outside the subset are taken for zero. (The mean of the subset alone would let one update make the whole step.
A single update of unusual data, such as two classes of ten, is disastrous at full length where its part of the mean is useful;
and an empty update would gain from shortening the others' bad steps. So it gains exactly nothing.)

A model's worth is exp(-mean cross-entropy): the geometric mean of the probabilities that it gives to the right classes. Between
0 and 1, so that the gains of all rounds together are at most 1 and no single update can wreck more than there is; smooth, where
accuracy on a few hundred rows moves in steps and is blind to small updates; and, unlike the loss itself, not dominated by the
first round or by one confident mistake.

Equal updates are one player, whose value they share: a copy adds nothing and takes half.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fl_nodes.protocol.contribution import contributions
from fl_nodes.training.data import Split
from fl_nodes.training.engine import Engine
from fl_nodes.training.tensors import Array


@dataclass(frozen=True)
class Player:
    """A well-formed update with its hash and its number of examples."""

    update_sha256: str
    arrays: Sequence[Array]
    examples: int


def measured(
    engine: Engine,
    weights: Sequence[Array],
    players: Sequence[Player],
    rows: Split,
    evaluations: int,
    seed: int,
) -> tuple[float, ...]:
    """Each player's contribution in [-1, 1], with at most so many evaluations of `rows` (see `protocol.contribution`)."""
    distinct = {p.update_sha256: p for p in players}
    different = list(distinct.values())
    together = sum(p.examples for p in different)

    weighed = np.array([p.examples / together for p in different], np.float32)
    start, steps = engine.stacked(weights, [p.arrays for p in different])

    def utility(subsets: Sequence[frozenset[int]]) -> list[float]:
        shares = np.array(
            [[w if i in s else 0.0 for i, w in enumerate(weighed)] for s in subsets], np.float32
        )
        losses = engine.losses(start, steps, shares, rows)
        return [float(np.exp(-loss)) if np.isfinite(loss) else 0.0 for loss in losses]

    values = contributions(len(different), utility, evaluations, seed)
    of_update = dict(zip(distinct, values, strict=True))
    copies = [sum(p.update_sha256 == q.update_sha256 for q in players) for p in players]
    return tuple(of_update[p.update_sha256] / n for p, n in zip(players, copies, strict=True))


def some(split: Split, rows: int, seed: int) -> Split:
    """At most so many rows of a split, the same for everybody with this seed."""
    if split.examples <= rows:
        return split
    chosen = np.sort(np.argsort(np.random.PCG64(seed).random_raw(split.examples), kind="stable")[:rows])
    return Split(split.x[chosen], split.y[chosen])
