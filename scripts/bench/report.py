"""What the stack's benches share: a stage of their own, and a report as JSON on standard output and under run/bench."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Callable
from typing import Any

from scripts.demo.customer import ROOT
from scripts.demo.stage import Stage
from scripts.demo.story import Broken, Story
from scripts.stack import StackConfig

FOLDER = ROOT / "run" / "bench"


def reported(
    config: StackConfig, measure: Callable[[Stage], dict[str, Any]], prefix: str = ""
) -> dict[str, Any] | None:
    """Measure on a stack, print what was measured and keep it; None, with the broken part's log shown, where that failed."""
    story = Story(out=sys.stderr)
    stage = Stage(config.with_free_ports(), story)
    try:
        with stage:
            measured = measure(stage)
    except Broken as broken:
        story.line(f"FAILED: {broken}")
        stage.show_log(broken.part)
        return None
    text = json.dumps(measured, indent=2)
    print(text)
    (FOLDER / time.strftime(f"{prefix}%Y%m%dT%H%M%SZ.json", time.gmtime())).write_text(text + "\n")
    return measured


def machine() -> dict[str, Any]:
    """What it was measured on."""
    return {"cores": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()}
