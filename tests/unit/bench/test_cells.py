"""Results survive an interruption and are not measured twice; a cell is known by everything it depends on."""

import json
from pathlib import Path

import pytest

from scripts.bench.learning import attacks, plan
from scripts.bench.learning.cells import Cell, Results

pytestmark = pytest.mark.unit

CELL = Cell("attacks", {"attack": "copy", "seed": 1})


def record(cell: Cell, **result: object) -> dict:
    return {"key": cell.key, "part": cell.part, "config": cell.config, "result": result, "seconds": 1.0}


def test_cell__key__changes_with_part_and_each_setting() -> None:
    others = (
        Cell("unchecked", CELL.config),
        Cell("attacks", {**CELL.config, "seed": 2}),
        Cell("attacks", {"attack": "copy"}),
    )
    assert len({CELL.key, *(other.key for other in others)}) == 4
    assert Cell("attacks", {"seed": 1, "attack": "copy"}).key == CELL.key


def test_results__read_again__hold_what_was_added(tmp_path: Path) -> None:
    Results(tmp_path / "cells.jsonl").add(record(CELL, accuracy=0.5))
    again = Results(tmp_path / "cells.jsonl")
    assert again.of([CELL, Cell("x", {})]) == [record(CELL, accuracy=0.5)]


def test_results__line_cut_short_by_a_crash__is_run_again(tmp_path: Path) -> None:
    path = tmp_path / "cells.jsonl"
    other = Cell("cost", {"model": "mlp"})
    whole = json.dumps(record(other, a=1))
    path.write_text(whole + "\n" + json.dumps(record(CELL))[:-5] + "\n")
    results = Results(path)
    assert results.get(CELL) is None
    assert results.get(other) is not None


def test_plan__every_cell__is_there_once() -> None:
    for chosen in (plan.full(), plan.quick()):
        cells = [cell for part in vars(chosen).values() for cell in part]
        assert len({cell.key for cell in cells}) == len(cells)


def test_plan__attacks__cover_one_to_five_cheats_both_mixes_and_five_seeds() -> None:
    cells = [c.config for c in plan.full().attacks if c.config["attack"] != attacks.UNSEEN]
    assert len(cells) == (len(attacks.ATTACKS) - 1) * 5 * 2 * 5
    assert {c["malicious"] for c in cells} == {1, 2, 3, 4, 5}


def test_cheats__same_seed__are_the_same_whatever_the_attack_and_never_the_leaker() -> None:
    for malicious in range(1, 6):
        cheats = attacks.cheats_of(malicious, 3)
        assert cheats == attacks.cheats_of(malicious, 3)
        assert len(set(cheats)) == malicious
        assert 0 not in cheats
