"""Figures follow from records, a goal that was missed is said to be missed, and what was not measured is not claimed."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from scripts.bench.learning import attacks, audits, plan, summary, tables
from scripts.bench.learning.accuracy import Case, central, federated
from scripts.bench.learning.cells import Cell, Results
from scripts.bench.learning.goals import goals

pytestmark = pytest.mark.unit

SETTINGS = {"optimizer": "momentum", "lr": 0.1, "batch": 32}
FEDERATED = SETTINGS | {"rounds": 10, "local_epochs": 1, "server": "sgd", "server_lr": 1.0}


def record(cell: Cell, **result: Any) -> dict[str, Any]:
    return {"key": cell.key, "part": cell.part, "config": cell.config, "result": result, "seconds": 1.0}


def accuracies(central_: list[float], federated_: list[float], scheme: str = "iid") -> list[dict[str, Any]]:
    alone, case = Case("mnist", "mlp"), Case("mnist", "mlp", scheme, 10)
    found = []
    for seed, value in enumerate(central_):
        cell = central(alone, SETTINGS | {"passes": 10}, seed)
        found.append(record(cell, accuracy=value, macro_f1=value, loss=0.1, passes=10, rows=1))
    for seed, value in enumerate(federated_):
        cell = federated(case, FEDERATED, seed)
        found.append(record(cell, accuracy=value, macro_f1=value, loss=0.1, passes=10, rows=1, curve=[]))
    return found


def attacked(attack: str, caught: list[int], cheats: int, **more: Any) -> dict[str, Any]:
    result = {
        "cheats": cheats,
        "caught_in_round": caught,
        "honest_named": [],
        "honest_node_rounds": 100,
        "cheating_node_rounds": 5,
        "inconclusive": 0,
        "honest_distance": 1e-6,
        "cheat_distance": 0.5,
        "suspected_cheats": 1,
        "suspected_honest": 2,
    }
    return record(attacks.attacked(attack, cheats, "iid", 1), **(result | more))


def test_accuracy__points_lost__are_of_the_means_over_seeds() -> None:
    (row,) = summary.accuracy(accuracies([0.98, 0.96], [0.965, 0.955]))
    assert row["lost"] == pytest.approx(1.0)
    (row,) = summary.accuracy(accuracies([0.98], [0.9701]))
    assert row["met"]
    (row,) = summary.accuracy(accuracies([0.98], [0.969]))
    assert not row["met"]
    (row,) = summary.accuracy(accuracies([0.98], [0.951], "two_classes"))
    assert row["met"]


def test_accuracy__no_central_run_yet__claims_nothing() -> None:
    assert summary.accuracy(accuracies([], [0.9])) == []


def test_detection__rounds_until_named__count_from_where_the_attack_begins() -> None:
    stale, lazy = summary.detection([attacked("stale replay", [2, 2], 2), attacked("lazy", [1, 3], 3)])
    assert (stale["recall"], stale["recall_at_once"], stale["rounds_until_named"]) == (1.0, 1.0, 1.0)
    assert lazy["recall"] == pytest.approx(2 / 3)
    assert lazy["rounds_until_named"] == 2.0


def test_chance_of_naming__small_case__is_what_listing_all_draws_gives() -> None:
    skipped, draws = {0, 1}, list(combinations(range(7), 2))  # of segments 0 to 7 the last is always drawn
    found = sum(bool(skipped & set(draw)) for draw in draws) / len(draws)
    assert audits.chance_of_naming(segments=8, skipped=2, replayed=3) == pytest.approx(found)


def test_cost__scoring__is_told_from_re_running() -> None:
    found = []
    for replayed, seconds in ((1, 2.0), (16, 5.0)):
        found.append(
            record(
                audits.cost("mlp", replayed),
                segments=118,
                steps_trained=400,
                steps_replayed=4 * replayed,
                cpu_seconds={"train": 40.0, "validate": seconds},
            )
        )
    (row,) = summary.cost(found)
    assert row["seconds_share"] == pytest.approx(3.2 / 40)
    assert row["scoring_share"] == pytest.approx(1.8 / 40)
    assert row["steps_share"] == pytest.approx(64 / 400)


def test_goals__an_honest_node_named__is_a_missed_goal(tmp_path: Path) -> None:
    results = Results(tmp_path / "cells.jsonl")
    chosen = plan.full()
    cell = next(c for c in chosen.attacks if c.config["attack"] == "sign flip")
    values = attacked("sign flip", [1], 1, honest_node_rounds=2000, honest_named=["trainer-00"])["result"]
    results.add(record(cell, **values))
    found = {goal["goal"]: goal for goal in goals(chosen, results)}
    assert found["no honest node named in 1000 honest node-rounds"]["met"] is False
    assert found["recall 0.95 on the first seven attacks"]["met"] is True


def test_goals__nothing_measured__nothing_is_reached(tmp_path: Path) -> None:
    assert all(goal["met"] is None for goal in goals(plan.full(), Results(tmp_path / "none.jsonl")))


def test_table__missed_goal__stands_out() -> None:
    rows = [{"goal": "g", "reached": "r", "met": False}, {"goal": "h", "reached": "s", "met": True}]
    text = tables.table(tables.GOALS, rows)
    assert text.splitlines()[2:] == ["| g | r | **missed** |", "| h | s | reached |"]


def test_filled__table_between_its_marks__is_written_anew_and_nothing_else() -> None:
    page = "a\n<!-- table: Goals -->\nold\n<!-- end -->\nb <!-- table: Costs -->\nkept\n<!-- end -->\n"
    found = tables.filled(page, {"Goals": "| g |", "Other": "| o |"})
    assert found == page.replace("old\n", "\n| g |\n\n")
    assert tables.filled(found, {"Goals": "| g |"}) == found
