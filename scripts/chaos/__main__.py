"""Play seeds of crashes on a stack of its own; the report is JSON. Exit status 1 when anything was lost or done twice."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from scripts.chaos.campaign import Campaign, Played, cast, report
from scripts.chaos.orders import Orders
from scripts.chaos.plan import ROLES, named_points
from scripts.demo.stage import Stage
from scripts.demo.story import Broken, Story
from scripts.stack.config import ROOT

FOLDER = ROOT / "run" / "chaos"
INTERRUPTED = 130


def main() -> int:
    """The exit status: 0 when all is accounted for, 1 when not, 2 when no campaign could be played."""
    options = _parser().parse_args()
    if options.points:
        for role in ROLES:
            for point in named_points(role):
                print(f"{role:12}{point.name}:{point.side}")
        return 0
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    story = Story(out=sys.stderr)
    began = time.monotonic()
    played: list[Played] = []
    folder: Path = options.folder.resolve()
    stage = Stage(cast(folder / "state", folder / "orders"), story)
    orders = Orders(folder / "orders")
    orders.clear()
    status = 0
    try:
        with stage:
            campaign = Campaign(stage, orders)
            for seed in range(options.first, options.first + options.seeds):
                if time.monotonic() - began > options.seconds:
                    story.line(f"The time is up before seed {seed}.")
                    break
                played.append(campaign.play(seed))
                _tell(story, played[-1])
    except Broken as broken:
        story.line(f"FAILED: {broken}")
        stage.show_log(broken.part)
        status = 2
    except KeyboardInterrupt:
        story.line("Interrupted; everything that was started is stopped.")
        status = INTERRUPTED
    document = report(played, time.monotonic() - began)
    print(json.dumps(document, indent=1))
    if status == 0 and not document["ok"]:
        story.line(
            f"Something was lost. The stack's state is in {stage.state}; repeat with: {document['repeat']}"
        )
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.chaos", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="how many seeds to play (3; some 24 kills each)")
    parser.add_argument("--first", type=int, default=1, help="the first seed (1)")
    parser.add_argument(
        "--seconds", type=float, default=float("inf"), help="begin no further seed after so long"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where state and orders lie (run/chaos)")
    parser.add_argument("--points", action="store_true", help="list the named points and end")
    parser.add_argument("--json", action="store_true", help="as always: the report is JSON on stdout")
    return parser


def _tell(story: Story, played: Played) -> None:
    story.line(
        f"Seed {played.plan.seed}: {len(played.kills)} of {len(played.plan.orders)} kills, jobs "
        f"{', '.join(b.status for b in played.bought) or 'unfinished'} in {played.seconds:.0f} s: "
        f"{'nothing lost' if played.clean else 'NOT CLEAN'}"
    )
    if played.trouble:
        story.line(played.trouble)
    for sentence in (
        (*played.findings.duplicated, *played.findings.lost, *played.findings.broken)
        if played.findings
        else ()
    ):
        story.line(sentence)
    if played.findings and played.findings.unaccounted_wei:
        story.line(f"{played.findings.unaccounted_wei} wei are unaccounted for")


def _interrupt(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise KeyboardInterrupt


if __name__ == "__main__":
    raise SystemExit(main())
