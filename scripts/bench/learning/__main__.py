"""Run what has not been run yet, then write figures, tables and plots."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.bench.learning import (
    accuracy,
    attacks,
    audits,
    calibration,
    plan,
    plots,
    summary,
    tables,
    tuning,
)
from scripts.bench.learning.cells import Cell, Play, Results, Stage
from scripts.bench.learning.data import DataMissing
from scripts.bench.learning.goals import goals
from scripts.demo.customer import ROOT

FOLDER = ROOT / "run" / "bench" / "learning"
PARTS = (
    "accuracy",
    "source",
    "attacks",
    "remaining",
    "unchecked",
    "sixteen",
    "cost",
    "collusion",
    "calibration",
)
ONE_CREW = ("cost", "calibration")
"""Parts whose seconds or many hosts want the machine for themselves."""
PLAYERS: dict[str, Callable[[Path], Play]] = {
    **dict.fromkeys(("accuracy", "source", "tuning"), accuracy.player),
    **dict.fromkeys(("attacks", "remaining", "unchecked"), attacks.player),
    **dict.fromkeys(("sixteen", "cost", "collusion"), audits.player),
    "calibration": calibration.player,
}
EXIT_MISSED, EXIT_REFUSED = 1, 2


def main() -> int:
    """Returns 1 where a goal was missed, 2 where the data is missing."""
    options = _options()
    results = Results(options.folder / ("quick.jsonl" if options.quick else "cells.jsonl"))
    stage = Stage(results, options.folder, options.crews, options.scratch or options.folder / "scratch")
    try:
        if options.tune:
            _tune(stage, results, options.data)
            return 0
        chosen = plan.quick() if options.quick else plan.full()
        for part in () if options.report else options.only or PARTS:
            cells: tuple[Cell, ...] = getattr(chosen, part)
            stage.run(cells, PLAYERS[part](options.data), 1 if part in ONE_CREW else None)
    except DataMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return EXIT_REFUSED
    finally:
        stage.close()
    measured = _write(options.json or options.folder / "learning.json", chosen, results)
    missed = any(goal["met"] is False for goal in measured["goals"])
    return EXIT_MISSED if missed and not options.quick else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.learning", description=__doc__)
    given = os.environ.get("ECODML_BENCH_DATA")
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(given) if given else FOLDER / "data",
        help="folder with mnist.npz, banknote_authentication.csv and pima-indians-diabetes.csv "
        "(default: ECODML_BENCH_DATA, else run/bench/learning/data)",
    )
    parser.add_argument("--json", type=Path, help="where to write the figures; tables and plots go beside it")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="run these parts")
    parser.add_argument(
        "--tune", action="store_true", help="search for settings on the validation rows and write them down"
    )
    parser.add_argument(
        "--quick", action="store_true", help="a few cells on digits: that it runs, not what it finds"
    )
    parser.add_argument("--report", action="store_true", help="run nothing, write what there is")
    parser.add_argument(
        "--crews", type=int, default=os.cpu_count() or 1, help="cells at a time (default: cores)"
    )
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, help="where results, logs and scratch files go"
    )
    parser.add_argument("--scratch", type=Path, help="where objects and checkpoints go")
    return parser.parse_args()


def _tune(stage: Stage, results: Results, data: Path) -> None:
    cells = [cell for case in tuning.cases() for cell in tuning.cells(case)]
    stage.run(cells, PLAYERS["tuning"](data))
    tuning.choose(results)


def _write(path: Path, chosen: plan.Plan, results: Results) -> dict[str, Any]:
    found = {
        "accuracy": summary.accuracy(results.of(chosen.accuracy)),
        "source": summary.source(results.of(chosen.source)),
        "detection": summary.detection(results.of(chosen.attacks)),
        "recovery": summary.recovery(results.of(chosen.remaining), results.of(chosen.unchecked)),
        "sixteen": summary.sixteen(results.of(chosen.sixteen)),
        "cost": summary.cost(results.of(chosen.cost)),
        "collusion": summary.collusion(results.of(chosen.collusion)),
        "calibration": summary.calibration(results.of(chosen.calibration)),
    }
    searched = results.of([cell for case in tuning.cases() for cell in tuning.cells(case)])
    reached, about = goals(chosen, results), _about(chosen, results)
    measured: dict[str, Any] = {
        "goals": reached,
        **found,
        "search": [
            {**r["config"], "accuracy": r["result"]["accuracy"], "loss": r["result"]["loss"]}
            for r in searched
        ],
        "about": about,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_rounded(measured), indent=1) + "\n", encoding="utf-8")
    sections = {
        "Goals": tables.table(tables.GOALS, reached),
        "Federated against central": tables.table(tables.ACCURACY, found["accuracy"]),
        "Settings": tables.table(
            tables.SETTINGS, [r for r in found["accuracy"] if r["nodes"] == tuning.NODES]
        ),
        "The source system's setting": tables.table(tables.SOURCE, found["source"]),
        "Cheats": tables.table(tables.DETECTION, found["detection"]),
        "The model afterwards": tables.table(tables.RECOVERY, found["recovery"]),
        "Sixteen segments": tables.table(tables.SIXTEEN, found["sixteen"]),
        "What checking costs": tables.table(tables.COST, found["cost"]),
        "Lying validators": tables.table(tables.COLLUSION, found["collusion"]),
        "Tolerance": tables.table(tables.calibration_columns(found["calibration"]), found["calibration"]),
        "The search for settings": tables.table(tables.tuning_columns(), searched),
    }
    path.with_suffix(".tables.md").write_text(tables.document(sections, _sentence(about)), encoding="utf-8")
    page = path.with_suffix(".md")
    if page.is_file():
        page.write_text(tables.filled(page.read_text(encoding="utf-8"), sections), encoding="utf-8")
    plots.draw(path.parent, results.of(chosen.accuracy), found["detection"], found["calibration"])
    return measured


def _about(chosen: plan.Plan, results: Results) -> dict[str, Any]:
    records = {part: results.of(getattr(chosen, part)) for part in PARTS}
    every = [r for part in records.values() for r in part]
    return {
        "cells": {part: f"{len(records[part])} of {len(getattr(chosen, part))}" for part in PARTS},
        "wall_seconds": round(sum(r["seconds"] for r in every)),
        "commits": sorted({r["commit"] for r in every}),
        "versions": every[-1]["versions"] if every else {},
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
    }


def _sentence(about: dict[str, Any]) -> str:
    cells = ", ".join(f"{part} {count}" for part, count in about["cells"].items())
    versions = "; ".join(f"{name}: {version}" for name, version in about["versions"].items())
    return (
        f"Written by `python -m scripts.bench.learning`; do not edit. Cells run: {cells}. "
        f"Commits: {', '.join(about['commits'])} (`+`: with changes). {versions}. {about['machine']}."
    )


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.6g}")
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    return [_rounded(v) for v in value] if isinstance(value, list | tuple) else value


if __name__ == "__main__":
    raise SystemExit(main())
