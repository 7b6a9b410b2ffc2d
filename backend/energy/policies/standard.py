"""What is done without thinking of energy: any free node, at once, at full speed. The baseline that others are held against."""

from __future__ import annotations

from collections.abc import Sequence

from backend.energy.objectives import placed, round_on
from backend.energy.policies.tie import tie
from backend.energy.scheduling import NodeState, Schedule, Work
from fl_nodes.protocol.power import FULL


class Standard:
    """The least loaded nodes, equals by hash."""

    name = "standard"

    def choose(self, work: Work, nodes: Sequence[NodeState]) -> Schedule | None:
        """Where, when and how hard; None where fewer nodes are there than are wanted."""
        if len(nodes) < work.wanted:
            return None
        ranked = sorted(nodes, key=lambda n: (n.load_ppm, -n.rating_ppm, tie(work.seed, n.node)))
        crew, others = ranked[: work.wanted], ranked[work.wanted :]
        rounds = [round_on(work, node, FULL) for node in crew]
        return Schedule(
            policy=self.name,
            wait_hours=0,
            placements=placed(work, crew, rounds, 0),
            compressed=False,
            reasons=("The least loaded nodes, the better rated first, started at once at full speed.",),
            passed_over={n.node: "Others were as free and rated as well, or better." for n in others},
        )
