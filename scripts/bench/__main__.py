"""Measure everything once, print it as JSON and keep it under run/bench/."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from typing import Any

from scripts.bench import accuracy, start
from scripts.demo.customer import ROOT
from scripts.demo.digits import write_digits
from scripts.demo.stage import Stage
from scripts.demo.story import Broken, Story
from scripts.stack import StackConfig

FOLDER = ROOT / "run" / "bench"


def main() -> int:
    """Returns the exit status: 1 when something could not be measured or
    federation costs more than promised."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="seeds of the accuracy comparison")
    parser.add_argument("--only", choices=("accuracy", "start"), help="measure one part")
    options = parser.parse_args()
    story = Story(out=sys.stderr)
    stage = Stage(StackConfig(state=FOLDER / "state").with_free_ports(), story)
    try:
        with stage:
            measured = _measure(stage, options)
    except Broken as broken:
        story.line(f"FAILED: {broken}")
        stage.show_log(broken.part)
        return 1
    print(json.dumps(measured, indent=2))
    path = FOLDER / time.strftime("%Y%m%dT%H%M%SZ.json", time.gmtime())
    path.write_text(json.dumps(measured, indent=2) + "\n")
    return 0 if measured.get("accuracy", {}).get("within_one_point", True) else 1


def _measure(stage: Stage, options: argparse.Namespace) -> dict[str, Any]:
    digits = FOLDER / "digits.csv"
    write_digits(digits)
    customer = stage.customer("bench")
    measured: dict[str, Any] = {"machine": _machine()}
    if options.only != "start":
        stage.story.heading("Federated against central")
        measured["accuracy"] = accuracy.compare(stage, customer, digits, range(1, options.seeds + 1))
    if options.only != "accuracy":
        stage.story.heading("Waiting for the first round")
        measured["start"] = start.first_round(stage, customer, digits)
    return measured


def _machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()}


if __name__ == "__main__":
    raise SystemExit(main())
