"""The search of the Pareto policy where there are too many combinations to look at: pymoo's NSGA-II, with the work's own seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.problem import Problem
from pymoo.optimize import minimize

from backend.energy.objectives import waits
from backend.energy.policies.pareto import Option, Point, Vector, evaluated, late, polished
from backend.energy.policies.weighted import quickest
from backend.energy.scheduling import NodeState, Work
from fl_nodes.protocol.power import FULL

POPULATION = 64
GENERATIONS = 60


class _Search(Problem):  # type: ignore[misc] # pymoo has no types
    """The options as pymoo takes them."""

    def __init__(self, work: Work, nodes: Sequence[NodeState]) -> None:
        super().__init__(n_var=len(nodes) + 3, n_obj=3, n_ieq_constr=1, xl=0.0, xu=1.0)
        self._work, self._nodes = work, nodes
        self._paces = sorted({level for n in nodes for level in n.levels}) or [FULL]
        self._waits = len(waits(work, quickest(work, nodes)))
        self.seen: dict[Option, Point] = {}

    def _evaluate(self, x: Vector, out: dict[str, Vector], *_: object, **__: object) -> None:
        points = [self._point(row) for row in x]
        out["F"] = np.array([p.objectives for p in points])
        out["G"] = np.array([[late(self._work, p)] for p in points])

    def _point(self, row: Vector) -> Point:
        keys, (pace, wait, form) = row[: len(self._nodes)], row[len(self._nodes) :]
        highest = np.argsort(-keys, kind="stable")[: self._work.wanted]
        option = Option(
            tuple(sorted(int(i) for i in highest)),
            self._paces[min(int(pace * len(self._paces)), len(self._paces) - 1)],
            min(int(wait * self._waits), self._waits - 1),
            self._work.compressed is not None and bool(form >= 0.5),
        )
        if option not in self.seen:
            self.seen[option] = evaluated(self._work, self._nodes, option)
        return self.seen[option]


def searched_front(work: Work, nodes: Sequence[NodeState]) -> list[Point]:
    """The front that NSGA-II finds with this work's seed, polished."""
    search = _Search(work, nodes)
    minimize(
        search,
        NSGA2(pop_size=POPULATION, eliminate_duplicates=True),
        ("n_gen", GENERATIONS),
        seed=work.seed,
        verbose=False,
    )
    return polished(work, nodes, search.seen)
