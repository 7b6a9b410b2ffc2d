"""`ecodml node forecast`: what the site's own sun and wind give, which forecast says so, and why that one."""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, datetime
from typing import Any

from fl_nodes.cli.home import FORECAST_FOLDER, Home

_PPM_PER_PERCENT = 10_000


def forecast(options: argparse.Namespace) -> dict[str, Any]:
    """The announcement as it would go out now; with `--judge` the forecast is chosen first, and kept in the node's folder."""
    for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from fl_nodes.forecast import chosen, judging
    from fl_nodes.forecast.site import load_site
    from fl_nodes.forecast.supply import SiteForecast
    from fl_nodes.protocol.wire import to_wire

    site, folder = load_site(options.site), Home(options.home).work(FORECAST_FOLDER)
    if options.judge:
        models = judging.makers(options.models, options.seed, options.epochs)
        judging.keep(site, folder, judging.judged(site, models, progress=_progress), models)
    choices = chosen.load(folder, site.weather) if site.weather else {}
    supply = SiteForecast(site, folder, time.time).now()
    return {
        "supply": to_wire(supply),
        "chosen": {what: {"forecast": of.name, "why": of.why} for what, of in choices.items()},
        "scores": {what: of.scores for what, of in choices.items()},
    }


def lines(facts: dict[str, Any]) -> list[str]:
    """For a person."""
    supply = facts["supply"]
    said = [
        f"now: {supply['watts'][0]} W +-{supply['band_ppm'] // _PPM_PER_PERCENT} %, {supply['kind']}",
        f"  {supply['method']}",
    ]
    said += [f"  {what}: {of['why']}" for what, of in facts["chosen"].items()]
    if not facts["chosen"]:
        said.append("  No forecast was judged here yet: `ecodml node forecast --site FILE --judge`.")
    said += [
        f"  {datetime.fromtimestamp((supply['from_hour'] + later) * 3600, UTC):%Y-%m-%d %H:00 UTC}  {watts} W"
        for later, watts in enumerate(supply["watts"])
    ]
    return said


def _progress(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
