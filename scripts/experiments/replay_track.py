"""The replay track: the source framework's own model over many seeds, its published table, and a node pinned by hand beside it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from scripts.experiments import replay_model as model
from scripts.experiments.intervals import of_mean, of_one_run
from scripts.experiments.study import Chart, Goal, Options, Row, Study

NAME = "replay-track"
SEEDS, QUICK_SEEDS, QUICK_TASKS = 60, 4, 100
PINNED_CLOCK = 0.9
COLUMNS = {"kWh": "kwh", "gCO2": "grams", "latency s": "latency", "renewable %": "renewable"}


@dataclass(frozen=True)
class Method:
    """A row: how it chooses, whether with INT8, and what was published of it (kWh, g, s, %) or measured beside it."""

    name: str
    make: Callable[[random.Random], model.Choose]
    int8: bool
    told: tuple[float, float, float, float] | None = None


def run(options: Options) -> Study:
    """Every method on the same workloads; each with draws of its own, as in the source."""
    seeds, tasks = (QUICK_SEEDS, QUICK_TASKS) if options.quick else (SEEDS, model.TASKS)
    methods = _methods()
    found: dict[str, list[model.Outcome]] = {method.name: [] for method in methods}
    for seed in range(options.seed, options.seed + seeds):
        work = model.workload(random.Random(f"work {seed}"), tasks)
        for method in methods:
            draw = random.Random(f"{'pinned' if 'wind' in method.name else method.name} {seed}")
            found[method.name].append(model.run(work, method.make(draw), method.int8, draw))
    rows = [_row(method, found[method.name]) for method in methods]
    return Study(
        NAME,
        {
            "seeds": [options.seed, options.seed + seeds - 1],
            "tasks": tasks,
            "tasks_per_hour": model.TASKS_PER_HOUR,
            "grid_g_per_kwh": model.GRID_G_PER_KWH,
            "service_s": [{"probability": p, "alike": list(s)} for p, s in model.SECONDS_BY_KIND],
        },
        rows,
        _goals(found, rows),
        notes=(
            "Intervals hold 95 % of single runs (prediction intervals): the published table is one run a row.",
            f"What this model leaves out: queues, the chain's energy, and idling: {_idle_kwh(tasks):.2f} kWh in the same hours.",
        ),
        chart=Chart("method", ["kWh"], y_title="kWh"),
        title="Replay track: the source framework's model",
        hidden=frozenset({f"{column}, mean's interval" for column in COLUMNS}),
    )


def _methods() -> tuple[Method, ...]:
    limit = _mean_latency(PINNED_CLOCK)
    ours, clock = model.least_energy(limit)
    slow, slow_clock = model.least_energy(_mean_latency(1.0) * model.INT8_SPEED)
    return (
        Method("Standard", lambda _: model.round_robin(), False, (0.0281, 6.79, 0.5349, 39.53)),
        Method("Energy-aware only", model.source_score, True, (0.0073, 0.01, 0.3319, 99.52)),
        Method("Blockchain only", lambda _: model.round_robin(), False, (0.0287, 6.88, 0.5485, 40.12)),
        Method("EcoChain-ML", model.source_score, True, (0.0074, 0.02, 0.3316, 99.40)),
        Method("Standard + INT8 alone", lambda _: model.round_robin(), True, (0.0094, 2.24, 0.299, 40.3)),
        Method(
            "all on the wind node at 0.9", lambda _: model.pinned(model.WIND, PINNED_CLOCK), True,
            (0.0067, 0.015, 0.332, 99.42),
        ),
        Method("ours, as quick as the wind node line", lambda _: model.pinned(ours, clock), True),
        Method("ours, as quick as Standard", lambda _: model.pinned(slow, slow_clock), True),
    )  # fmt: skip


def _idle_kwh(tasks: int) -> float:
    """What the four machines take for being on, over the hours in which so many tasks come."""
    return sum(node.base_w for node in model.NODES) * tasks / model.TASKS_PER_HOUR / 1000


def _mean_latency(clock: float) -> float:
    mean = sum(p * sum(seconds) / len(seconds) for p, seconds in model.SECONDS_BY_KIND)
    return mean / clock / model.INT8_SPEED


def _row(method: Method, outcomes: list[model.Outcome]) -> Row:
    row: dict[str, object] = {"method": method.name}
    inside = []
    for place, (column, field) in enumerate(COLUMNS.items()):
        values = [float(getattr(outcome, field)) for outcome in outcomes]
        one = of_one_run(values)
        mean = of_mean(values)
        row |= one.columns(column)
        row[f"{column}, mean's interval"] = f"{mean.low:.5g} to {mean.high:.5g}"
        if method.told:
            row[f"{column}, told"] = method.told[place]
            inside.append(one.low <= method.told[place] <= one.high)
    row["told is inside"] = f"{sum(inside)} of {len(inside)}" if inside else None
    return row


def _goals(found: dict[str, list[model.Outcome]], rows: list[Row]) -> list[Goal]:
    inside = [str(row["told is inside"]).split(" of ") for row in rows if row["told is inside"]]
    goals = [
        Goal(
            "the source's table and what was measured beside it lie in our 95 % intervals",
            sum(int(of) for _, of in inside),
            sum(int(hits) for hits, _ in inside),
            "cells",
        )
    ]
    pinned, ours = found["all on the wind node at 0.9"], found["ours, as quick as the wind node line"]
    for column, field in COLUMNS.items():
        gap = of_mean([getattr(o, field) - getattr(p, field) for o, p in zip(ours, pinned, strict=True)])
        # Rounding of sums is no difference.
        goals.append(
            Goal(
                f"ours minus the pinned node, {column} (paired)",
                0,
                round(gap.mean, 9) + 0.0,
                at_least=field == "renewable",
                why="the same choice: with one node and one clock this model is at its best",
            )
        )
    return goals
