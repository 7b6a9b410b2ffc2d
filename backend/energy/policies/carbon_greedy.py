"""Least carbon: the start, the nodes and the levels that together emit least and are done in time. Exact.

Emissions of nodes add up, so for a given start and a given longest round the best crew is the nodes that emit least; all starts and
all lengths that some node and level give are tried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.energy.objectives import mean_mg_per_kwh, placed, round_on, starts_at, totals, waits
from backend.energy.policies.tie import tie
from backend.energy.policies.weighted import WORTH_WAITING, quickest
from backend.energy.scheduling import NodeState, Schedule, Totals, Work
from fl_nodes.protocol.reading import micrograms

LENGTHS = 12
"""At most so many lengths of a round are tried: of a thousand nodes' not all."""


@dataclass(frozen=True)
class Choice:
    """A start and a crew with levels, and what that comes to."""

    wait: int
    crew: tuple[NodeState, ...]
    levels: tuple[int, ...]
    total: Totals


class CarbonGreedy:
    """The least µgCO2e, then the least time."""

    name = "carbon"

    def choose(self, work: Work, nodes: Sequence[NodeState]) -> Schedule | None:
        """Where, when and how hard; None where fewer nodes are there than are wanted."""
        if len(nodes) < work.wanted:
            return None
        found = [_cheapest(work, nodes, wait) for wait in waits(work, quickest(work, nodes))]
        best = min(found, key=lambda c: (c.total.micrograms, c.total.seconds))
        if best.total.micrograms >= found[0].total.micrograms * WORTH_WAITING:
            best = found[0]
        rounds = [round_on(work, n, level) for n, level in zip(best.crew, best.levels, strict=True)]
        placements = tuple(
            replace(p, scores={"micrograms": float(p.micrograms)})
            for p in placed(work, best.crew, rounds, best.wait)
        )
        most = max(p.micrograms for p in placements)
        reasons = [
            f"The least carbon of all crews and starts that are done in time: at most {most} µg a round each."
        ]
        if best.wait:
            saved = 100 * (1 - best.total.micrograms / found[0].total.micrograms)
            reasons.append(f"It waits {best.wait} hours, which is expected to emit {saved:.0f} % less.")
        taken = {n.node for n in best.crew}
        return Schedule(
            policy=self.name,
            wait_hours=best.wait,
            placements=placements,
            compressed=False,
            reasons=tuple(reasons),
            passed_over={n.node: "Others emit less for the same work." for n in nodes if n.node not in taken},
        )


def _cheapest(work: Work, nodes: Sequence[NodeState], wait: int) -> Choice:
    start = starts_at(work, wait)
    longest_allowed = (work.latest_end - start) / work.rounds
    lengths = sorted({round_on(work, n, level).seconds for n in nodes for level in n.levels})
    fitting = [s for s in lengths if s <= longest_allowed] or [quickest(work, nodes)]
    tried = {fitting[i * (len(fitting) - 1) // max(1, LENGTHS - 1)] for i in range(LENGTHS)}
    found = [c for c in (_within(work, nodes, wait, length) for length in sorted(tried)) if c is not None]
    if not found:
        quick = sorted(nodes, key=lambda n: (n.seconds, tie(work.seed, n.node)))[: work.wanted]
        found = [_choice(work, quick, [max(n.levels) for n in quick], wait)]
    return min(found, key=lambda c: (c.total.micrograms, c.total.seconds))


def _within(work: Work, nodes: Sequence[NodeState], wait: int, length: float) -> Choice | None:
    start, whole = starts_at(work, wait), work.rounds * length
    options = []
    for node in nodes:
        rounds = [r for r in (round_on(work, node, level) for level in node.levels) if r.seconds <= length]
        if rounds:
            best = min(rounds, key=lambda r: (r.millijoules, r.seconds))
            grams = micrograms(best.millijoules, mean_mg_per_kwh(node, work.at, start, whole))
            options.append(
                (grams, node.load_ppm + node.recent_ppm, tie(work.seed, node.node), node, best.level)
            )
    if len(options) < work.wanted:
        return None
    options.sort(key=lambda o: o[:3])
    taken = options[: work.wanted]
    return _choice(work, [o[3] for o in taken], [o[4] for o in taken], wait)


def _choice(work: Work, crew: Sequence[NodeState], levels: Sequence[int], wait: int) -> Choice:
    rounds = [round_on(work, n, level) for n, level in zip(crew, levels, strict=True)]
    return Choice(wait, tuple(crew), tuple(levels), totals(work, placed(work, crew, rounds, wait), wait))
