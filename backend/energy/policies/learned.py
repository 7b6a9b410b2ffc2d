"""What finished work really took, learned by ridge regression and tried with optimism where little is known (LinUCB).

Li, Chu, Langford, Schapire 2010, "A contextual-bandit approach to personalized news article recommendation", WWW, algorithm 1: one
linear model over what is known of a placement, with an arm for each node beside it. What is learned is the logarithm of how many
times the expected energy a round took. A node's energy then counts as the low end of what the model holds possible, so nodes that
are little known are tried; the choice among nodes corrected so is the weighted policy's, which also decides alone while there are
too few outcomes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from backend.energy.policies.weighted import Weighted
from backend.energy.scheduling import NodeState, Policy, Schedule, Work

Vector = NDArray[np.float64]

ENOUGH = 20
"""Outcomes before anything is learned from them."""

REMEMBERED = 2_000
"""The latest outcomes that are learned from."""

RIDGE = 1.0
OPTIMISM = 0.5
LARGEST_CORRECTION = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """One node's part of a finished job: its features when it was placed, and the mJ that its rounds took over those expected of
    them before anything was learned."""

    node: str
    features: tuple[float, ...]
    multiple: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """The multiple that the model expects of a node, and its low end, which is reckoned with."""

    expected: float
    optimistic: float
    outcomes: int


class Model:
    """Ridge regression of ln multiple on (1, features, one per node)."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._width = len(outcomes[-1].features) if outcomes else 0
        kept = [o for o in outcomes if len(o.features) == self._width and o.multiple > 0][-REMEMBERED:]
        self._arms = {node: i for i, node in enumerate(sorted({o.node for o in kept}))}
        self._counts = {node: sum(o.node == node for o in kept) for node in self._arms}
        size = 1 + self._width + len(self._arms)
        x = np.array([self._row(o.node, o.features) for o in kept]).reshape(len(kept), size)
        y = np.array([log(o.multiple) for o in kept])
        self._inverse = np.linalg.inv(RIDGE * np.eye(size) + x.T @ x)
        self._theta = self._inverse @ (x.T @ y)

    def estimate(self, node: NodeState) -> Estimate:
        """What it expects of a node now; of one it never saw, what the features say."""
        features = node.features if len(node.features) == self._width else (0.0,) * self._width
        row = self._row(node.node, features)
        # An arm never seen has the prior's variance 1 / RIDGE.
        unseen = 0.0 if node.node in self._arms else 1 / RIDGE
        mean = float(row @ self._theta)
        width = float(np.sqrt(row @ self._inverse @ row + unseen))
        return Estimate(
            _bounded(exp(mean)), _bounded(exp(mean - OPTIMISM * width)), self._counts.get(node.node, 0)
        )

    def _row(self, node: str, features: Sequence[float]) -> Vector:
        row = np.zeros(1 + self._width + len(self._arms))
        row[0] = 1.0
        row[1 : 1 + self._width] = features
        if node in self._arms:
            row[1 + self._width + self._arms[node]] = 1.0
        return row


class Learned:
    """The weighted policy over energies as finished work has shown them."""

    name = "learned"

    def __init__(self, outcomes: Sequence[Outcome], base: Policy | None = None) -> None:
        self._base = base or Weighted()
        self._known = len(outcomes)
        self._model = Model(outcomes) if len(outcomes) >= ENOUGH else None

    def choose(self, work: Work, nodes: Sequence[NodeState]) -> Schedule | None:
        """Where, when and how hard; None where fewer nodes are there than are wanted."""
        if self._model is None:
            chosen = self._base.choose(work, nodes)
            why = f"Too little to learn from: {self._known} of {ENOUGH} outcomes; {self._base.name} decides."
            return chosen and replace(chosen, policy=self.name, reasons=(why, *chosen.reasons))
        estimates = {n.node: self._model.estimate(n) for n in nodes}
        corrected = [
            replace(n, millijoules=round(n.millijoules * estimates[n.node].optimistic)) for n in nodes
        ]
        chosen = self._base.choose(work, corrected)
        if chosen is None:
            return None
        learned = tuple(_told(p.node, estimates[p.node]) for p in chosen.placements)
        why = f"Energies are as {self._known} outcomes have shown them."
        return replace(chosen, policy=self.name, reasons=(why, *learned, *chosen.reasons))


def _told(node: str, estimate: Estimate) -> str:
    if not estimate.outcomes:
        return f"{node} has no outcome yet: reckoned with {estimate.optimistic:.2f} times what is expected, to try it."
    return (
        f"{node} took {estimate.expected:.2f} times what is expected, by {estimate.outcomes} outcomes; "
        f"reckoned with {estimate.optimistic:.2f}."
    )


def _bounded(multiple: float) -> float:
    return min(LARGEST_CORRECTION, max(1 / LARGEST_CORRECTION, multiple))
