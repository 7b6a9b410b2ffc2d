"""`python -m scripts.load`: a thousand nodes, fifty jobs and two hundred watching pages on a stack of its own.

JSON on standard output and in run/load, progress on standard error. The exit status is 0 only if nothing was dropped: every
node and page connected in the end without having lost its place, every page at its ticket's last version, every task answered at
most once, every job settled or refunded, every rule of money kept.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import structlog

from scripts.bench.report import machine
from scripts.demo.stage import Stage
from scripts.demo.story import Broken, Story
from scripts.load.performance import Performance, Sizes
from scripts.stack import StackConfig
from scripts.stack.config import ROOT

FOLDER = ROOT / "run" / "load"


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m scripts.load", description=__doc__)
    parser.add_argument("--nodes", type=int, default=1_000, help="registered and connected nodes (1000)")
    parser.add_argument("--jobs", type=int, default=50, help="jobs paid and uploaded at once (50)")
    parser.add_argument("--browsers", type=int, default=200, help="pages that watch tickets (200)")
    parser.add_argument("--rounds", type=int, default=1, help="of each job (1)")
    parser.add_argument("--processes", type=int, default=2, help="that the nodes are spread over (2)")
    parser.add_argument("--idle", type=float, default=60.0, help="seconds measured without jobs (60)")
    parser.add_argument("--within", type=float, default=3_600.0, help="seconds the jobs may take (3600)")
    parser.add_argument("--state", type=Path, default=FOLDER / "stack", help="the stack's folder")
    parser.add_argument("--json", action="store_true", help="as always: the report on standard output")
    options = parser.parse_args()
    sizes = Sizes(options.nodes, options.jobs, options.browsers, options.rounds, options.processes)
    config = StackConfig(
        state=options.state,
        trainers=0,
        validators=0,
        # Nodes of one machine say nothing of each other's speed, and a thousand benchmarks would be the load.
        environment={"ECODML_BENCHMARKS_AT_ONCE": "0", "ECODML_EPOCH_SECONDS": "60"},
    ).with_free_ports()
    # Standard output is the report's.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    story = Story(out=sys.stderr)
    stage = Stage(config, story)
    try:
        with stage, Performance(stage, sizes) as performance:
            measured = performance.play(options.idle, options.within)
    except Broken as broken:
        story.line(f"FAILED: {broken}")
        stage.show_log(broken.part)
        return 1
    report = {"machine": machine(), "seconds": story.stages, **measured}
    text = json.dumps(report, indent=2)
    print(text)
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / time.strftime("%Y%m%dT%H%M%SZ.json", time.gmtime())).write_text(text + "\n")
    dropped = [name for name, kept in measured["kept"].items() if not kept]
    for name in dropped:
        story.line(f"NOT KEPT: {name}")
    return 1 if dropped else 0


if __name__ == "__main__":
    raise SystemExit(main())
