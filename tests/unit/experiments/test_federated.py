"""The federated study: it runs on small files, policies keep to availability and deadline, and averaging learns."""

from pathlib import Path

import numpy as np
import pytest

from backend.energy.learned_ahead import HORIZON_HOURS
from scripts.experiments.federated import OURS, RANDOM, Run, run
from scripts.experiments.federated_policies import AtRandom, FairAndClean, Outcome, Plan, Scene, played
from scripts.experiments.federated_training import accuracies, dealt, digits
from scripts.experiments.federated_world import draw_nodes
from scripts.experiments.study import Options
from tests.support.grid_data import write_hours

HOURS = 48


def _grams(hours: int, seed: int) -> list[float | None]:
    t = np.arange(hours)
    sun = np.maximum(0, np.sin((t % 24 - 6) * np.pi / 12))
    cloud = np.repeat(np.random.default_rng(seed).uniform(0.3, 1, hours // 24 + 1), 24)[:hours]
    return [float(v) for v in 300 - 200 * sun * cloud]


def _scene(seed: int) -> Scene:
    """Two zones whose clean hours are known and differ."""
    t = np.arange(HOURS + HORIZON_HOURS)
    really = np.stack([300 + 200 * np.sin((t + shift) * np.pi / 12) for shift in (0, 12)])
    ahead = np.lib.stride_tricks.sliding_window_view(really, HORIZON_HOURS, axis=1)[:, :HOURS]
    nodes = draw_nodes(np.random.default_rng(seed), 30, 2)
    return Scene(Plan(20, 4, HOURS, 3), nodes, 0, really[:, :HOURS], ahead, ahead)


def test_study__small_files__has_rows_and_goals(tmp_path: Path):
    (tmp_path / "carbon").mkdir()
    for seed, zone in enumerate(("ES", "US-CAL-CISO")):
        write_hours(tmp_path / "carbon" / f"{zone}_2022.csv", zone, "2022-09-13", _grams(110 * 24, seed))
        write_hours(tmp_path / "carbon" / f"{zone}_2023.csv", zone, "2023-01-01", _grams(30 * 24, seed + 10))

    study = run(Options(tmp_path, quick=True))

    rows = {(row["zones"], row["policy"]): row for row in study.rows}
    assert rows["two real", RANDOM]["less_percent"] == 0
    assert rows["two real", OURS]["whole_job_less_percent"] > 0
    assert len(study.goals) == 7
    assert study.config["selection_of_1000_nodes_ms"]["first"] > 0


@pytest.mark.parametrize("name", ["random", "ours"])
def test_policies__all_rounds__run_before_the_deadline_with_nodes_that_are_there(name: str):
    scene = _scene(3)
    policy = AtRandom(np.random.default_rng(3)) if name == "random" else FairAndClean(0.9)
    asked: list[tuple[int, np.ndarray]] = []

    class Watched:
        def rounds(self, scene: Scene, hour: int, turns: np.ndarray, left: int) -> list[np.ndarray]:
            crews = policy.rounds(scene, hour, turns, left)
            asked.extend((hour, crew) for crew in crews)
            return crews

    outcome = played(scene, Watched())

    assert len(outcome.crews) == len(outcome.grams) == 20
    assert outcome.turns.sum() == 20 * 4
    assert all(scene.there(hour, 1)[0][crew].all() for hour, crew in asked)
    assert all(len(set(crew.tolist())) == 4 for _, crew in asked)


def test_policies__ours__emits_less_than_random_and_is_fair_where_asked():
    scene = _scene(5)
    at_random = played(scene, AtRandom(np.random.default_rng(5)))
    ours, unfair = played(scene, FairAndClean(0.85)), played(scene, FairAndClean(None))

    assert ours.grams.sum() < at_random.grams.sum()
    assert unfair.grams.sum() < ours.grams.sum()
    assert unfair.fairness < 0.5 < 0.8 < ours.fairness


def test_policies__same_seed__choose_the_same():
    one, other = (played(_scene(7), FairAndClean(0.9)) for _ in range(2))

    assert [crew.tolist() for crew in one.crews] == [crew.tolist() for crew in other.crews]
    assert one.grams.tolist() == other.grams.tolist()


def test_averaging__rounds__learns_and_repeats(tmp_path: Path):
    of = digits(tmp_path)
    x, y = dealt(of, 10, 140, seed=1)
    crews = [np.arange(10)] * 25

    one, other = (accuracies(of, x, y, crews, seed=1) for _ in range(2))

    assert one[-1] > one[0] + 0.2
    assert one.tolist() == other.tolist()


def test_run__target_never_reached__says_so():
    nothing = Outcome([], np.array([]), np.array([]), 0)

    assert Run(nothing, np.array([0.1, 0.2])).rounds_to(0.9) is None
    assert Run(nothing, np.array([0.1, 0.9])).rounds_to(0.5) == 2
