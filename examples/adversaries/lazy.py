"""Claims all the work but leaves some of it out."""

import numpy as np


class LazyTrainer:
    """Trains only until half of the segments; the rest stands still.

    `ecodml node run --adversary examples/adversaries/lazy.py:LazyTrainer`
    """

    def __init__(self):
        self._half_way = None

    def on_segment(self, weights, context):
        if context.segment < context.segments // 2:
            self._half_way = weights
        elif context.segment == 0 or self._half_way is None:
            self._half_way = list(context.global_weights)
        return self._half_way


class LazyQuarter:
    """Skips a quarter of the segments, spread at random and never the last, which is always re-run: the hardest to catch.

    `ecodml node run --adversary examples/adversaries/lazy.py:LazyQuarter`
    """

    def __init__(self):
        self._reached = None
        self._skipped = frozenset()

    def on_segment(self, weights, context):
        if context.segment == 0:
            others = context.segments - 1
            chosen = np.random.default_rng(context.seed).permutation(others)
            self._skipped = frozenset(chosen[: round(context.segments / 4)].tolist())
            self._reached = list(context.global_weights)
        if context.segment not in self._skipped:
            self._reached = weights
        return self._reached
