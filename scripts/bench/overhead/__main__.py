"""`python -m scripts.bench.overhead`: rounds with trivial training, ours and Flower's in turn, in one run.

JSON on standard output and in run/bench (`table.py` makes Markdown of it), progress on standard error. The exit status is 1 only
when something could not be measured: whether the goals were met is in the report.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from scripts.bench.models import dense_of_size, dense_shapes
from scripts.bench.overhead import flower, ours
from scripts.bench.report import FOLDER, machine, reported
from scripts.demo.customer import Customer
from scripts.demo.digits import write_digits
from scripts.demo.stage import Stage
from scripts.stack import StackConfig

GOALS = {50_000: 1.0, 1_000_000: 0.6, 10_000_000: 0.3}
"""Parameters, and the most that a round may take, in Flower's rounds."""
NODES = (4, 16)
VALIDATORS = 3
ROUNDS = {50_000: 20, 1_000_000: 12, 10_000_000: 6}
PASSES = 2
PIXELS, DIGITS = 64, 10
IDLE_SECONDS = 5.0


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.overhead", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(GOALS), help="parameters")
    parser.add_argument("--nodes", type=int, nargs="+", default=list(NODES), help="trainers")
    parser.add_argument("--passes", type=int, default=PASSES, help="how often each cell is measured")
    parser.add_argument("--only", choices=("ours", "flower"), help="measure one side")
    options = parser.parse_args()
    config = StackConfig(
        state=FOLDER / "overhead",
        trainers=max(options.nodes),
        validators=VALIDATORS,
        node_module="scripts.bench.overhead.trivial_node",
    )
    return 1 if reported(config, lambda stage: _measure(stage, options), "overhead-") is None else 0


def _measure(stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    rows = FOLDER / "digits.csv"
    write_digits(rows)
    customer = stage.customer("bench")
    cells = [
        _cell(stage, customer, rows, size, nodes, options)
        for size in options.sizes
        for nodes in options.nodes
    ]
    return {
        "machine": machine() | {"load_average": os.getloadavg()},
        "flower": flower.version(),
        "idle_stack_cpu_seconds_per_second": _idle_cpu(stage),
        "cells": cells,
    }


def _cell(
    stage: Stage, customer: Customer, rows: Path, size: int, nodes: int, options: argparse.Namespace
) -> dict[str, Any]:
    text, parameters = dense_of_size(size, PIXELS, DIGITS)
    model = stage.state / f"dense_{size}.json"
    model.write_text(text)
    stage.story.heading(f"{parameters:,} parameters, {nodes} nodes")
    theirs: list[float] = []
    mine: list[ours.Round] = []
    number = ROUNDS.get(size, min(ROUNDS.values()))
    for _ in range(options.passes):
        if options.only != "ours":
            theirs += flower.round_seconds(dense_shapes(size, PIXELS, DIGITS), nodes, number)
        if options.only != "flower":
            mine += ours.rounds(stage, customer, rows, model, nodes, number)
    cell: dict[str, Any] = {"parameters": parameters, "nodes": nodes}
    if theirs:
        cell["flower"] = _spread(theirs)
    if mine:
        cell["delivery"] = _spread([r.delivery for r in mine])
        cell["whole_round"] = _spread([r.whole for r in mine])
        cell["delivery_parts"] = {
            name: round(median(getattr(r, name) for r in mine), 4) for name in ours.PARTS
        }
    if theirs and mine:
        cell["delivery_ratio"] = round(cell["delivery"]["median"] / cell["flower"]["median"], 2)
        cell["whole_round_ratio"] = round(cell["whole_round"]["median"] / cell["flower"]["median"], 2)
        cell["goal"] = GOALS.get(size)
        cell["met"] = size in GOALS and cell["delivery_ratio"] <= GOALS[size]
    stage.story.line(json.dumps(cell))
    return cell


def _spread(seconds: Sequence[float]) -> dict[str, float]:
    low, _, high = quantiles(seconds, n=4)
    return {
        "rounds": len(seconds),
        "median": round(median(seconds), 4),
        "quartile_1": round(low, 4),
        "quartile_3": round(high, 4),
    }


def _idle_cpu(stage: Stage) -> float:
    """What the waiting stack costs while Flower runs: processor seconds per second, all its processes."""
    files = [Path("/proc", str(child.known.pid), "stat") for child in stage.stack.children.values()]

    def used() -> float:
        fields = [file.read_text().rpartition(")")[2].split() for file in files]
        return sum(int(ticks) for each in fields for ticks in each[11:13]) / os.sysconf("SC_CLK_TCK")

    before = used()
    time.sleep(IDLE_SECONDS)
    return round((used() - before) / IDLE_SECONDS, 3)


if __name__ == "__main__":
    raise SystemExit(main())
