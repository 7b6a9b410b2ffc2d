"""From nodes to what a scheduling policy sees of them: benchmarks, earlier jobs, the grids' intensities, what they say of their
site and of how their power can be set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from backend.dispatch.benchmark_files import signed_benchmark
from backend.domain.intensity import Intensity
from backend.domain.node import Node
from backend.domain.ticket import Ticket
from backend.energy.history import History
from backend.energy.scheduling import PPM, NodeState
from backend.ports import Intensities, Objects
from fl_nodes.protocol import benchmark
from fl_nodes.protocol.architecture import forward_flops
from fl_nodes.protocol.plausibility import plausible_benchmark
from fl_nodes.protocol.power import FULL, LEVELS_PPM
from fl_nodes.protocol.site_supply import claimed
from fl_nodes.protocol.tasks import Benchmarked

OUTLOOK_HOURS = 49
TRAINING_SHARE = 0.65
"""Of the rows: the validation and test splits take the rest (`backend/datasets/partition.py`)."""


@dataclass(frozen=True)
class Candidate:
    """A trainer that could take part: what policies see, and what they are told about it. `known` says whether a benchmark of its
    own stands behind the figures; `benchmark_*` are what that says of a round, before earlier jobs are looked at.
    """

    node: Node
    state: NodeState
    known: bool
    hardware: str
    benchmark_milliseconds: int
    benchmark_millijoules: int
    power: str
    grid: tuple[Intensity, ...]


@dataclass(frozen=True)
class _Cost:
    """One round by the benchmark alone."""

    microseconds: int
    millijoules: int
    hardware: str


def candidates(
    ticket: Ticket,
    nodes: Sequence[Node],
    past: History,
    objects: Objects,
    intensities: Intensities,
    at: float,
    learned: bool = False,
) -> list[Candidate]:
    """One for each node. With `learned`, what earlier jobs took is left for the policy to bring in."""
    signed = {n.provider: b for n in nodes if (b := signed_benchmark(objects, n)) and not benchmark.defect(b)}
    costs = {
        provider: _cost(ticket, plausible_benchmark(own, [o for o in signed.values() if o is not own]), own)
        for provider, own in signed.items()
    }
    most = _Cost(
        max((c.microseconds for c in costs.values()), default=0),
        max((c.millijoules for c in costs.values()), default=0),
        "",
    )
    zones = {zone: intensities.ahead(zone, at, OUTLOOK_HOURS) for zone in {n.zone for n in nodes}}
    return [
        _candidate(n, costs.get(n.provider), most, past, zones[n.zone], learned)
        for n in sorted(nodes, key=lambda n: n.provider)
    ]


def _candidate(
    node: Node,
    own: _Cost | None,
    most: _Cost,
    past: History,
    grid: tuple[Intensity, ...],
    learned: bool,
) -> Candidate:
    """A node without a benchmark is reckoned with the most that any other takes, so that nobody gains by having none."""
    cost = own or most
    by_energy, by_time = past.energy_multiple(cost.hardware), past.time_multiple(cost.hardware)
    seconds = cost.microseconds / 1e6 * by_time
    power, levels = settable(node)
    state = NodeState(
        node=node.provider,
        # A machine that already works for someone has half the time for this.
        seconds=seconds * (1 + node.assigned_jobs),
        millijoules=cost.millijoules if learned else round(cost.millijoules * by_energy),
        mg_per_kwh=tuple(i.mg_per_kwh for i in grid),
        site_ppm=_site_ppm(node, grid[0].hour, cost),
        levels=levels,
        load_ppm=PPM * node.assigned_jobs // (node.assigned_jobs + 1),
        recent_ppm=past.recent_ppm(node.provider),
        rating_ppm=min(PPM, max(0, node.rating_bps * 100)),
        features=(round(log(1e-3 + cost.microseconds / 1e6), 6), float(node.assigned_jobs)),
    )
    return Candidate(
        node=node,
        state=state,
        known=own is not None,
        hardware=cost.hardware,
        benchmark_milliseconds=cost.microseconds // 1000 if own else 0,
        benchmark_millijoules=cost.millijoules if own else 0,
        power=power,
        grid=grid,
    )


def _site_ppm(node: Node, hour: int, cost: _Cost) -> tuple[int, ...]:
    """What part of its demand the site covers in each hour that its node speaks of, by the low end of what it says; then none."""
    supply = claimed(node.forecast)
    if supply is None or cost.millijoules <= 0:
        return (0,)
    demand_milliwatts = max(1, cost.millijoules * 1_000_000 // max(1, cost.microseconds))
    hours = range(hour, supply.from_hour + len(supply.watts))
    covered = [
        min(PPM, PPM * supply.least_milliwatts_at(h) // demand_milliwatts) for h in hours[:OUTLOOK_HOURS]
    ]
    return (*covered, 0)


def settable(node: Node) -> tuple[str, tuple[int, ...]]:
    """How a node says its power can be set, and to which levels; only full speed where it says nothing that makes sense."""
    said = node.hardware.get("power")
    if not isinstance(said, dict):
        return "", (FULL,)
    by, levels = said.get("by"), said.get("levels")
    if not isinstance(by, str) or not isinstance(levels, list):
        return "", (FULL,)
    sound = {level for level in levels if isinstance(level, int) and 0 <= level < len(LEVELS_PPM)}
    return by[:100], tuple(sorted(sound | {FULL}))


def _cost(ticket: Ticket, believed: Benchmarked, own: Benchmarked) -> _Cost:
    spec = ticket.spec
    examples = max(1, round(ticket.dataset.rows * TRAINING_SHARE / spec.trainers))
    steps = -(-examples // spec.batch_size) * spec.local_epochs
    flops = forward_flops(ticket.architecture) * examples * spec.local_epochs
    return _Cost(
        benchmark.time_cost(own).of(steps, flops),
        benchmark.cost(believed).of(steps, flops),
        " | ".join(benchmark.hardware_class(own)),
    )
