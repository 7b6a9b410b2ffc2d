"""What a choice of nodes, start and levels costs, and the score of the source's policy. Exact where money could follow.

The weighted score is the source framework's (EcoChain-ML): 0.4 QoS + 0.3 energy + 0.3 renewable, and 0.1 load balance on top:

    QoS       = seconds of the quickest node / own seconds at the level, times the rating
    energy    = 1 - own energy at the level / the most that any node would take at full frequency
    renewable = 1 - net intensity of the grid / 1 000 g per kWh, not below 0
    load      = 1 - the mean of how busy it is and its part of the work handed out lately

Each part is in [0, 1], and a node that gets better in one thing never falls behind another for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from backend.energy.scheduling import PPM, SECONDS_PER_HOUR, NodeState, Placement, Totals, Work
from fl_nodes.protocol.power import FULL, millijoules_at, seconds_at
from fl_nodes.protocol.reading import micrograms

WEIGHTS = {"qos": 0.4, "energy": 0.3, "renewable": 0.3, "load": 0.1}

DIRTIEST_MG_PER_KWH = 1_000_000
"""Where the renewable part of the score ends: about what coal emits over its life cycle (IPCC AR5 WG3 annex III: 820 g median)."""


def net_mg_per_kwh(node: NodeState, hour: int) -> int:
    """The grid's intensity times the part that the site does not cover itself, `hour` hours from now; rounded up."""
    grid = node.mg_per_kwh[min(hour, len(node.mg_per_kwh) - 1)]
    site = node.site_ppm[min(hour, len(node.site_ppm) - 1)]
    return -(-grid * (PPM - site) // PPM)


def mean_mg_per_kwh(node: NodeState, at: float, start: float, seconds: float) -> int:
    """Net intensity over a run from `start` on, the hours weighed by how long it runs in each; rounded. `at` is now."""
    now, end = int(at // SECONDS_PER_HOUR), start + seconds
    first, last = int(start // SECONDS_PER_HOUR), int(end // SECONDS_PER_HOUR)
    if first == last or seconds <= 0:
        return net_mg_per_kwh(node, first - now)
    total = 0.0
    for hour in range(first, last + 1):
        begins, ends = hour * SECONDS_PER_HOUR, (hour + 1) * SECONDS_PER_HOUR
        total += (min(end, ends) - max(start, begins)) * net_mg_per_kwh(node, hour - now)
    return round(total / seconds)


def starts_at(work: Work, wait_hours: int) -> float:
    """When work begins that waits so many hours: at once, or at the start of an hour; Unix seconds."""
    if wait_hours == 0:
        return work.at
    return (work.at // SECONDS_PER_HOUR + wait_hours) * SECONDS_PER_HOUR


def waits(work: Work, round_seconds: float) -> range:
    """How many hours it may wait and still be done in time; at once is always among them."""
    if not work.may_wait:
        return range(1)
    left = work.latest_end - work.rounds * round_seconds
    return range(1 + max(0, int(left // SECONDS_PER_HOUR - work.at // SECONDS_PER_HOUR)))


@dataclass(frozen=True, slots=True)
class Round:
    """One round on one node: seconds and mJ, with the work's compressed form where it was chosen."""

    level: int
    seconds: float
    millijoules: int


def round_on(work: Work, node: NodeState, level: int, compressed: bool = False) -> Round:
    """What one round takes on a node at a level."""
    seconds, millijoules = (
        seconds_at(node.seconds, level),
        millijoules_at(node.millijoules, level, node.static_ppm),
    )
    if compressed and work.compressed is not None:
        seconds = seconds * work.compressed.seconds_ppm / PPM
        millijoules = -(-millijoules * work.compressed.millijoules_ppm // PPM)
    return Round(level, seconds, millijoules)


def levels_from(node: NodeState, pace: int) -> int:
    """The level nearest to `pace`, and not below it, that a node can be set to."""
    return min((level for level in node.levels if level >= pace), default=FULL)


def paced(work: Work, crew: Sequence[NodeState], pace: int, compressed: bool = False) -> tuple[Round, ...]:
    """Rounds are done together: the slowest of the crew at `pace` says how long one takes; see `within`."""
    longest = max(round_on(work, n, levels_from(n, pace), compressed).seconds for n in crew)
    return within(work, crew, longest, compressed)


def within(
    work: Work, crew: Sequence[NodeState], longest: float, compressed: bool = False
) -> tuple[Round, ...]:
    """Each node at the level at which it needs least energy and is done in `longest` seconds; at full where none is."""
    return tuple(frugal(work, node, longest, compressed) for node in crew)


def frugal(work: Work, node: NodeState, longest: float, compressed: bool = False) -> Round:
    """A node's round at the level of `within`."""
    rounds = [round_on(work, node, level, compressed) for level in node.levels]
    fitting = [r for r in rounds if r.seconds <= longest]
    if not fitting:
        return round_on(work, node, FULL, compressed)
    return min(fitting, key=lambda r: (r.millijoules, r.seconds))


def placed(
    work: Work, crew: Sequence[NodeState], rounds: Sequence[Round], wait_hours: int
) -> tuple[Placement, ...]:
    """The crew's placements from a start on."""
    start = starts_at(work, wait_hours)
    whole = work.rounds * max(r.seconds for r in rounds)
    found = []
    for node, r in zip(crew, rounds, strict=True):
        intensity = mean_mg_per_kwh(node, work.at, start, whole)
        grams = micrograms(r.millijoules, intensity)
        found.append(Placement(node.node, r.level, r.seconds, r.millijoules, intensity, grams))
    return tuple(found)


def totals(work: Work, placements: Sequence[Placement], wait_hours: int) -> Totals:
    """What the whole work comes to."""
    run = work.rounds * max(p.seconds for p in placements)
    return Totals(
        work.rounds * sum(p.millijoules for p in placements),
        work.rounds * sum(p.micrograms for p in placements),
        starts_at(work, wait_hours) - work.at + run,
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """What scores are relative to: seconds of the quickest and mJ of the most wasteful node for one round at full frequency."""

    seconds: float
    millijoules: int


def scale(nodes: Sequence[NodeState]) -> Scale:
    """The scale of these nodes."""
    return Scale(min(n.seconds for n in nodes), max(n.millijoules for n in nodes))


def score_parts(node: NodeState, r: Round, mg_per_kwh: int, of: Scale) -> dict[str, float]:
    """The four parts of a node's score, each in [0, 1]."""
    quick = of.seconds / r.seconds if r.seconds > 0 else 1.0
    return {
        "qos": min(1.0, quick) * node.rating_ppm / PPM,
        "energy": max(0.0, 1 - r.millijoules / of.millijoules) if of.millijoules else 0.0,
        "renewable": max(0.0, 1 - mg_per_kwh / DIRTIEST_MG_PER_KWH),
        "load": 1 - (node.load_ppm + node.recent_ppm) / (2 * PPM),
    }


def weighted_score(parts: dict[str, float]) -> float:
    """0.4 QoS + 0.3 energy + 0.3 renewable + 0.1 load, from 0 to 1.1 as in the source."""
    return sum(weight * parts[name] for name, weight in WEIGHTS.items())
