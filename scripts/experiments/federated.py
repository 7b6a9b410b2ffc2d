"""What choosing who trains, and when, saves in federated averaging: carbon until the same accuracy, with fair turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt

from scripts.experiments import federated_world
from scripts.experiments.federated_policies import (
    AtRandom,
    FairAndClean,
    Outcome,
    Plan,
    Policy,
    Scene,
    played,
)
from scripts.experiments.federated_training import CLASSES_PER_NODE, Digits, accuracies, dealt, digits
from scripts.experiments.federated_world import EIGHT, REAL, Grids, Zone, draw_nodes
from scripts.experiments.grid_hours import grid_hours
from scripts.experiments.intervals import of_mean, saved
from scripts.experiments.study import Chart, Goal, Options, Row, Study

TUNED, JUDGED = 2022, 2023
NODES, ROWS, SEEDS = 100, 600, 10
FLOOR = 0.905
"""Asked of the policy, so that weeks that turn out otherwise than expected stay fair too."""
WANTED_LESS, WANTED_FAIR, WANTED_MS, NEAR = 50.0, 0.9, 1000.0, 0.5
SMOOTH = 10
"""Rounds whose mean accuracy counts: one round's goes up and down with who trained it."""
TARGET_ROUND = 0.6
MANY = 1000
SPARE_HOURS = 80

RANDOM, OURS = "random, at once", "ours"
POLICIES: dict[str, Callable[[np.random.Generator], Policy]] = {
    RANDOM: AtRandom,
    "turns alike, at once": lambda _: FairAndClean(1.0, waits=False),
    "ours, at once": lambda _: FairAndClean(FLOOR, waits=False),
    "ours, slow and fast mixed": lambda _: FairAndClean(FLOOR, together=False),
    OURS: lambda _: FairAndClean(FLOOR),
    "ours, knowing the future": lambda _: FairAndClean(FLOOR, knows=True),
    "as clean as can be, unfair": lambda _: FairAndClean(None),
}
SETS: dict[str, tuple[tuple[Zone, ...], Sequence[str]]] = {
    "eight": (EIGHT, tuple(POLICIES)),
    "two real": (REAL, (RANDOM, OURS)),
}


@dataclass(frozen=True)
class Run:
    """One policy in one week: what it chose, and the accuracy after each round."""

    outcome: Outcome
    accuracy: npt.NDArray[np.float64]

    def smooth(self) -> npt.NDArray[np.float64]:
        """The mean of the last `SMOOTH` rounds (fewer at the beginning), after each round."""
        sums = np.concatenate([[0.0], np.cumsum(self.accuracy)])
        ends = np.arange(1, len(sums))
        begins = np.maximum(0, ends - SMOOTH)
        return np.asarray((sums[ends] - sums[begins]) / (ends - begins), np.float64)

    def rounds_to(self, target: float) -> int | None:
        """Rounds until the smoothed accuracy is first there; None where it never is."""
        there = np.flatnonzero(self.smooth() >= target)
        return int(there[0]) + 1 if len(there) else None


def run(options: Options) -> Study:
    """Every policy over the same weeks, nodes, shards and first models."""
    plan = Plan(rounds=24, wanted=5, deadline_hours=72) if options.quick else Plan()
    count, seeds = (25, 2) if options.quick else (NODES, SEEDS)
    grids = Grids(
        {zone: grid_hours(options.data, zone, (TUNED, JUDGED)) for zone in ("ES", "US-CAL-CISO")}, JUDGED
    )
    of = digits(options.data)
    rows: list[Row] = []
    for label, (zones, names) in SETS.items():
        runs: dict[str, list[Run]] = {name: [] for name in names}
        for seed in range(options.seed, options.seed + seeds):
            options.progress(f"federated: {label} zones, seed {seed}")
            for name, one in _week(grids, zones, names, plan, count, of, seed).items():
                runs[name].append(one)
        rows += [_row(label, name, runs[name], runs[RANDOM]) for name in names]
    first_ms, later_ms = _selection_ms(grids, 50 if options.quick else MANY, options.seed)
    return Study(
        "federated",
        {
            "plan": asdict(plan),
            "nodes": count,
            "seeds": seeds,
            "floor": FLOOR,
            "data": of.source,
            "classes_per_node": CLASSES_PER_NODE,
            "zones": {label: [asdict(zone) for zone in zones] for label, (zones, _) in SETS.items()},
            "hardware": {
                name: getattr(federated_world, name)
                for name in ("SPREAD_SECONDS", "SPREAD_WATTS", "IDLE_SHARE", "OPERATOR_JOULES")
            },
            "selection_of_1000_nodes_ms": {"first": first_ms, "later": later_ms},
        },
        rows,
        _goals(rows, first_ms),
        notes=(
            f"Weeks: {seeds} of {JUDGED}, paired; intervals 95 %. {of.source}; {count} nodes.",
            f"Choosing among {MANY} nodes takes {first_ms:.0f} ms at first, with the weight of carbon, then {later_ms:.0f} ms.",
        ),
        chart=Chart("policy", ("less_percent",), y_title="% less gCO2e than random", rows=_drawn(rows)),
        title="Who trains, and when: carbon to the same accuracy",
    )


def _week(
    grids: Grids, zones: tuple[Zone, ...], names: Sequence[str], plan: Plan, count: int, of: Digits, seed: int
) -> dict[str, Run]:
    random = np.random.default_rng(seed)
    nodes = draw_nodes(random, count, len(zones))
    last = grids.length - plan.deadline_hours - SPARE_HOURS
    scene = Scene.of(plan, nodes, grids, zones, int(random.integers(grids.until + 24, last)))
    x, y = dealt(of, count, ROWS, seed)
    found = {}
    for name in names:
        outcome = played(scene, POLICIES[name](np.random.default_rng(seed)))
        found[name] = Run(outcome, accuracies(of, x, y, outcome.crews, seed))
    return found


def _row(label: str, name: str, runs: Sequence[Run], at_random: Sequence[Run]) -> Row:
    targets = [_target(base) for base in at_random]
    grams = [_grams_to(one, target) for one, target in zip(runs, targets, strict=True)]
    base = [_grams_to(one, target) for one, target in zip(at_random, targets, strict=True)]
    whole, whole_base = ([float(one.outcome.grams.sum()) for one in some] for some in (runs, at_random))
    points = [one.smooth()[-1] - b.smooth()[-1] for one, b in zip(runs, at_random, strict=True)]
    rounds = [one.rounds_to(target) for one, target in zip(runs, targets, strict=True)]
    fairness = [one.outcome.fairness for one in runs]
    return {
        "zones": label,
        "policy": name,
        "grams": float(np.mean(grams)),
        **saved(grams, base).columns("less_percent", 100),
        **saved(whole, whole_base).columns("whole_job_less_percent", 100),
        "accuracy_percent": 100 * float(np.mean([one.smooth()[-1] for one in runs])),
        **of_mean(points).columns("points_above_random", 100),
        "rounds": float(np.mean([r or len(one.accuracy) for r, one in zip(rounds, runs, strict=True)])),
        "reached_percent": 100 * float(np.mean([r is not None for r in rounds])),
        "fairness": float(np.mean(fairness)),
        "least_fair": min(fairness),
        "hours": float(np.mean([one.outcome.hours for one in runs])),
    }


def _target(base: Run) -> float:
    """Half a point below what random choice reaches after three fifths of its rounds."""
    smooth = base.smooth()
    return float(smooth[int(TARGET_ROUND * len(smooth)) - 1]) - NEAR / 100


def _grams_to(one: Run, target: float) -> float:
    """gCO2e until the target; of the whole job where it is not reached (`reached_percent` tells)."""
    return float(one.outcome.grams[: one.rounds_to(target)].sum())


def _goals(rows: Sequence[Row], first_ms: float) -> list[Goal]:
    goals = []
    for row in rows:
        if row["policy"] == OURS:
            zones, interval = row["zones"], (row["less_percent_low"], row["less_percent_high"])
            less, points = row["less_percent"], row["points_above_random"]
            why = (
                ""
                if row["reached_percent"] == 100
                else "Not every week reached it: those count with the whole job."
            )
            goals += [
                Goal(f"{zones} zones: below random", WANTED_LESS, less, "%", interval=interval, why=why),
                Goal(f"{zones} zones: final accuracy against random's", -NEAR, points, "points"),
                Goal(f"{zones} zones: Jain's index of turns", WANTED_FAIR, row["fairness"]),
            ]
    return [*goals, Goal(f"choosing among {MANY} nodes", WANTED_MS, first_ms, "ms", at_least=False)]


def _drawn(rows: Sequence[Row]) -> list[Row]:
    keys = ("less_percent", "less_percent_low", "less_percent_high")
    return [
        {"policy": f"{row['policy']} ({row['zones']})", **{key: row[key] for key in keys}}
        for row in rows
        if row["policy"] != RANDOM
    ]


def _selection_ms(grids: Grids, count: int, seed: int) -> tuple[float, float]:
    """Milliseconds for the first hour's choice among so many nodes, and for a later hour's (the median of three)."""
    nodes = draw_nodes(np.random.default_rng(seed), count, len(EIGHT))
    scene = Scene.of(Plan(), nodes, grids, EIGHT, grids.until + 48)
    first: list[float] = []
    later: list[float] = []
    for _ in range(3):
        policy = FairAndClean(FLOOR)
        for hour, taken in ((0, first), (1, later)):
            began = time.perf_counter()
            policy.rounds(scene, hour, np.zeros(count), scene.plan.rounds)
            taken.append(1000 * (time.perf_counter() - began))
    return float(np.median(first)), float(np.median(later))
