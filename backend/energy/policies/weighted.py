"""The source's policy: the nodes with the highest weighted score (`backend/energy/objectives.py`), each at its best level.

What it adds is what the work's shape gives for free: of a crew that works in step, the quicker slow down to the slowest; and
work that may wait starts in the hour in which the crew's mean score is highest, if that saves more carbon than forecasts are
usually off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from backend.energy.objectives import (
    Round,
    Scale,
    mean_mg_per_kwh,
    placed,
    round_on,
    scale,
    score_parts,
    starts_at,
    totals,
    waits,
    weighted_score,
    within,
)
from backend.energy.policies.tie import tie
from backend.energy.scheduling import NodeState, Schedule, Work

WORTH_WAITING = 0.98
"""A later start has to come to less than this part of what a start at once emits."""


@dataclass(frozen=True)
class Scored:
    """A node at its best level in some hour; `late` where even at full speed it would not be done in time."""

    node: NodeState
    round: Round
    parts: dict[str, float]
    late: bool

    @property
    def score(self) -> float:
        """Its weighted score."""
        return weighted_score(self.parts)


class Weighted:
    """0.4 QoS + 0.3 energy + 0.3 renewable + 0.1 load."""

    name = "weighted"

    def choose(self, work: Work, nodes: Sequence[NodeState]) -> Schedule | None:
        """Where, when and how hard; None where fewer nodes are there than are wanted."""
        if len(nodes) < work.wanted:
            return None
        by_wait = {wait: ranked(work, nodes, wait) for wait in waits(work, quickest(work, nodes))}
        now = self._schedule(work, by_wait[0], 0)
        best = max(by_wait, key=lambda w: (_mean(by_wait[w][: work.wanted]), -w))
        if best == 0:
            return now
        later = self._schedule(work, by_wait[best], best)
        at_once, then = (totals(work, s.placements, s.wait_hours).micrograms for s in (now, later))
        return later if then < at_once * WORTH_WAITING else now

    def _schedule(self, work: Work, found: Sequence[Scored], wait: int) -> Schedule:
        crew, others = found[: work.wanted], found[work.wanted :]
        longest = max(s.round.seconds for s in crew)
        rounds = within(work, [s.node for s in crew], longest)
        parts = {s.node.node: {**s.parts, "weighted": s.score} for s in found}
        placements = tuple(
            replace(p, scores=parts[p.node]) for p in placed(work, [s.node for s in crew], rounds, wait)
        )
        least = min(s.score for s in crew)
        formula = "0.4 QoS + 0.3 energy + 0.3 renewable + 0.1 load"
        reasons = [f"The highest scores by {formula}: {max(s.score for s in crew):.3f} to {least:.3f}."]
        if wait:
            reasons.append(f"It waits {wait} hours for a better hour: the crew's mean score is highest then.")
        eased = sum(after.level < before.round.level for before, after in zip(crew, rounds, strict=True))
        if eased:
            reasons.append(f"{eased} of them slow down to the slowest of the crew, which costs no time.")
        return Schedule(
            policy=self.name,
            wait_hours=wait,
            placements=placements,
            compressed=False,
            reasons=tuple(reasons),
            passed_over={s.node.node: _why_not(s, crew[-1]) for s in others},
        )


def ranked(work: Work, nodes: Sequence[NodeState], wait: int) -> list[Scored]:
    """All nodes, the best score first, each at the level at which it scores best and the work is done in time; those that would be
    late after all others.
    """
    of, start = scale(nodes), starts_at(work, wait)
    found = [_best(work, node, of, start) for node in nodes]
    return sorted(found, key=lambda s: (s.late, -s.score, tie(work.seed, s.node.node)))


def quickest(work: Work, nodes: Sequence[NodeState]) -> float:
    """Seconds of a round on the quickest crew there is: as long as the last of as many quick nodes as are wanted."""
    return sorted(n.seconds for n in nodes)[work.wanted - 1]


def _best(work: Work, node: NodeState, of: Scale, start: float) -> Scored:
    rounds = [round_on(work, node, level) for level in sorted(node.levels, reverse=True)]
    fitting = [r for r in rounds if start + work.rounds * r.seconds <= work.latest_end]
    scored = [
        Scored(
            node,
            r,
            score_parts(node, r, mean_mg_per_kwh(node, work.at, start, work.rounds * r.seconds), of),
            late=not fitting,
        )
        for r in fitting or rounds[:1]
    ]
    return max(scored, key=lambda s: s.score)


def _mean(crew: Sequence[Scored]) -> float:
    return sum(s.score for s in crew) / len(crew)


def _why_not(scored: Scored, last: Scored) -> str:
    behind = {name: last.parts[name] - value for name, value in scored.parts.items()}
    if scored.late and not last.late:
        return f"With its score of {scored.score:.3f} it would not be done in time."
    weakest = max(behind, key=lambda name: behind[name])
    if scored.score == last.score:
        return f"Its score of {scored.score:.3f} ties with the last one taken; a hash decided."
    return f"Its score is {scored.score:.3f}, the last one taken has {last.score:.3f}; it is behind most in {weakest}."
