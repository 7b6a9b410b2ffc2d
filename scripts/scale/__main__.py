"""Several small jobs on a stack of two of each; one of each is killed while they run. The report is JSON. Exit status 1 when
anything was lost or done twice, 2 when the trial could not be played."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
from pathlib import Path
from types import FrameType

from scripts.demo.stage import Stage
from scripts.demo.story import Broken, Story
from scripts.scale.trial import Trial, report
from scripts.stack import StackConfig
from scripts.stack.config import ROOT

FOLDER = ROOT / "run" / "scale"
INTERRUPTED = 130


def main() -> int:
    """The exit status."""
    options = _parser().parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    story = Story(out=sys.stderr)
    folder: Path = options.folder.resolve()
    stage = Stage(cast(folder / "state", options.trainers), story)
    try:
        with stage:
            document = report(Trial(stage, options.jobs).run(folder))
    except Broken as broken:
        story.line(f"FAILED: {broken}; the stack's state and logs are in {stage.state}")
        stage.show_log(broken.part)
        return 2
    except KeyboardInterrupt:
        story.line("Interrupted; everything that was started is stopped.")
        return INTERRUPTED
    print(json.dumps(document, indent=1))
    if not document["ok"]:
        story.line(f"Something was lost or done twice. The stack's state and logs are in {stage.state}.")
        return 1
    if not options.keep:
        shutil.rmtree(stage.state)
    return 0


def cast(state: Path, trainers: int) -> StackConfig:
    """Two of each of the operator's processes, on ports of its own."""
    config = StackConfig(
        state=state, trainers=trainers, validators=3, backends=2, dispatchers=2, settlers=2, aggregators=2
    )
    return config.with_free_ports()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.scale", description=__doc__)
    parser.add_argument("--jobs", type=int, default=5, help="how many jobs at once (5)")
    parser.add_argument("--trainers", type=int, default=3, help="how many trainers there are (3)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where its state lies (run/scale)")
    parser.add_argument("--keep", action="store_true", help="keep the state also when all went well")
    parser.add_argument("--json", action="store_true", help="as always: the report is JSON on stdout")
    return parser


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
