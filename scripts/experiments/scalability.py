"""From 1 to 256 nodes: the simulator's queues against theory, our policy's energy and latency, and how quick the simulator is."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from backend.energy.policies.carbon_greedy import CarbonGreedy
from backend.energy.simulation.account import bill
from backend.energy.simulation.engine import run as simulate
from backend.energy.simulation.free_first import FreeFirst
from backend.energy.simulation.packed import Packed, Rules
from backend.energy.simulation.policy_rank import Ahead, PolicyRank
from backend.energy.simulation.state import State
from backend.energy.simulation.theory import mean_wait
from scripts.experiments import world as worlds
from scripts.experiments.contestants import PATIENCE_S, SWITCH_SHARE
from scripts.experiments.honest_setting import KINDS, SPREAD, Setting
from scripts.experiments.intervals import Interval, of_mean
from scripts.experiments.study import Chart, Goal, Options, Row, Study

NAME = "scalability"
NODES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
STAFFING = 0.5
"""Spare servers in units of the square root of their number, so that waiting stays as likely from 2 to 256."""
SEEDS, TASKS, TASKS_PER_NODE, WARM_UP = 5, 120_000, 2_000, 5_000
PER_NODE = 25.0
"""Our policy's tasks an hour for each node: the honest track's load."""
HOURS = 6


@dataclass(frozen=True)
class Measured:
    """Our policy on so many nodes: p95 latency, joules a task with everything in, and tasks simulated a CPU second."""

    p95_s: float
    joules: float
    rate: float


def run(options: Options) -> Study:
    """Every size."""
    seeds, tasks, nodes = (2, 8_000, NODES[:3]) if options.quick else (SEEDS, TASKS, NODES)
    rows, off = [], []
    for count in nodes:
        options.progress(f"  {count} nodes")
        waits = [
            _wait(count, seed, tasks + (0 if options.quick else TASKS_PER_NODE * count))
            for seed in range(options.seed, options.seed + seeds)
        ]
        row, beyond = _row(count, of_mean(waits), _ours(count, options) if count > 1 else None)
        rows.append(row)
        off.append(beyond)
    quick = _speed(options)
    return Study(
        NAME,
        {"nodes": list(nodes), "staffing": STAFFING, "seeds": seeds, "tasks": tasks, "per_node_per_hour": PER_NODE, "hours": HOURS},
        rows,
        [
            Goal("largest difference from M/G/k's mean wait", 5, max(_wait_off(r) for r in rows), "%", at_least=False),
            Goal("largest difference from M/G/k's mean time in the system", 5, max(off), "%", at_least=False),
            Goal("tasks simulated a CPU second on one core with our policy, 4 nodes", 50_000, quick, "tasks/s"),
        ],
        notes=(
            "Waiting: one queue, nodes always on, busy for 1 - 0.5 / sqrt(k) of the time.",
            "Theory: exact for one node (Pollaczek-Khinchine), Kimura's approximation beyond.",
            f"Ours: the honest track's machines, as often as needed; {PER_NODE:.0f} tasks an hour for each, {HOURS} hours.",
        ),
        chart=Chart("nodes", ["wait s", "theory s"], lines=True, log_x=True, log_y=True, y_title="mean wait, s"),
        title="Scalability: queues of 1 to 256 nodes",
    )  # fmt: skip


def _wait_off(row: Row) -> float:
    return abs(float(row["wait off by %"]))


def service() -> tuple[float, float]:
    """Mean seconds and squared coefficient of variation of a task at full clock."""
    mean = sum(p * s for p, s in KINDS)
    square = sum(p * s**2 for p, s in KINDS) * (1 + SPREAD**2 / 3)
    return mean, square / mean**2 - 1


def busy_share(nodes: int) -> float:
    """How much of the time nodes are busy."""
    return 1 - STAFFING / sqrt(nodes)


def _wait(nodes: int, seed: int, tasks: int) -> float:
    """Mean wait of one run."""
    mean, _ = service()
    per_hour = busy_share(nodes) * nodes / mean * 3600
    setting = replace(Setting(), tasks_per_hour=per_hour, days=1)
    work, _ = setting.tasks(seed, nodes, with_int8=False)
    work = replace(
        work, arrivals=work.arrivals[:tasks], seconds=work.seconds[:tasks], expected=work.expected[:tasks]
    )
    hours = int(work.arrivals[-1] // 3600) + 1
    work = replace(work, hours=hours)
    fleet = [replace(setting.fleet(False)[0], name=str(n)) for n in range(nodes)]
    state = State(fleet, hours, sleeps=False)
    done = simulate(fleet, work, FreeFirst(state), state)
    waited = done.starts - work.arrivals
    return float(waited[min(WARM_UP, tasks // 2) :].mean())


def _row(nodes: int, wait: Interval, ours: Measured | None) -> tuple[Row, float]:
    mean, squared_cv = service()
    theory = mean_wait(nodes, busy_share(nodes) * nodes / mean, mean, squared_cv)
    beyond = 100 * abs(wait.mean - theory) / (theory + mean)
    row: dict[str, object] = {
        "nodes": nodes,
        "busy %": 100 * busy_share(nodes),
        **wait.columns("wait s"),
        "theory s": theory,
        "wait off by %": 100 * (wait.mean / theory - 1),
        "time in the system off by %": beyond,
    }
    if ours:
        row |= {
            "ours: p95 s": ours.p95_s,
            "ours: J a task": ours.joules,
            "ours: tasks a CPU s": round(ours.rate),
        }
    return row, beyond


def _ours(nodes: int, options: Options) -> Measured:
    setting = replace(Setting(), tasks_per_hour=PER_NODE * nodes, days=1)
    tasks, _ = setting.tasks(options.seed, 0, with_int8=True)
    kept = tasks.arrivals < HOURS * 3600
    tasks = replace(
        tasks,
        arrivals=tasks.arrivals[kept],
        seconds=tasks.seconds[kept],
        expected=tasks.expected[kept],
        hours=HOURS,
    )
    four = setting.fleet(True)
    fleet = [replace(four[n % 4], name=f"{four[n % 4].name} {n // 4}") for n in range(nodes)]
    known = worlds.world(options.data, setting.year)
    seen = worlds.forecast(options.data, setting.year, known).part(0, HOURS + 1)
    state = State(fleet, HOURS, sleeps=True)
    rank = PolicyRank(
        fleet, CarbonGreedy(), Ahead(seen.site_w.tolist(), seen.g_per_kwh.tolist()), setting.within_s,
        switch_share=SWITCH_SHARE,
    )  # fmt: skip
    began = time.process_time()
    done = simulate(fleet, tasks, Packed(state, rank, Rules(PATIENCE_S)), state)
    took = time.process_time() - began
    total = bill(fleet, done, known.part(0, HOURS + 1), setting.chain(len(done.latencies)))
    count = len(done.latencies)
    return Measured(float(np.percentile(done.latencies, 95)), total.kwh * 3.6e6 / count, count / took)


def _speed(options: Options) -> float:
    """Four nodes for a week, twice; the quicker: the machine may be busy with other things."""
    from scripts.experiments.contestants import OURS_NAMED
    from scripts.experiments.honest_runs import Track

    setting = replace(Setting(), blocks=2)
    track = Track(options.data, setting.quick() if options.quick else setting, options.seed, lambda _: None)
    return max(block.tasks / block.cpu_s for block in track.play([OURS_NAMED])[OURS_NAMED.name])
