"""Measure everything once, print it as JSON and keep it under run/bench/."""

from __future__ import annotations

import argparse
from typing import Any

from scripts.bench import accuracy, start
from scripts.bench.report import FOLDER, machine, reported
from scripts.demo.digits import write_digits
from scripts.demo.stage import Stage
from scripts.stack import StackConfig


def main() -> int:
    """Returns the exit status: 1 when something could not be measured or
    federation costs more than promised."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="seeds of the accuracy comparison")
    parser.add_argument("--only", choices=("accuracy", "start"), help="measure one part")
    options = parser.parse_args()
    measured = reported(StackConfig(state=FOLDER / "state"), lambda stage: _measure(stage, options))
    if measured is None:
        return 1
    return 0 if measured.get("accuracy", {}).get("within_one_point", True) else 1


def _measure(stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    digits = FOLDER / "digits.csv"
    write_digits(digits)
    customer = stage.customer("bench")
    measured: dict[str, Any] = {"machine": machine()}
    if options.only != "start":
        stage.story.heading("Federated against central")
        measured["accuracy"] = accuracy.compare(stage, customer, digits, range(1, options.seeds + 1))
    if options.only != "accuracy":
        stage.story.heading("Waiting for the first round")
        measured["start"] = start.first_round(stage, customer, digits)
    return measured


if __name__ == "__main__":
    raise SystemExit(main())
