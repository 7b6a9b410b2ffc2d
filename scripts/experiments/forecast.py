"""Which forecast of a site's sun and wind is best an hour ahead: `python -m fl_nodes.forecast judge`, run where TensorFlow is."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from scripts.experiments.study import Chart, DataMissing, Goal, Options, Study

ROOT = Path(__file__).resolve().parents[2]
NODE_PYTHON = ROOT / ".venvs" / "node" / "bin" / "python"
MOST_SMART_SKILL = 0.25
PLACES = {"723170TYA.CSV": "Greensboro", "703165TY.csv": "Sand Point", "12839.tm2": "Miami"}
REFERENCES = ("persistence", "smart persistence")
NOTES = (
    "Skill is 1 - RMSE / RMSE of the reference, over the held-out weeks; for sun, over hours of daylight.",
    "Smart persistence is the clear-sky index held for an hour; for wind, persistence drawn to the mean.",
    "A typical meteorological year joins months of different years: what holds within a month is real, a year it is not.",
    "The network trains short, for one core: its figures are those of the minutes it gets, not of what an LSTM can be.",
)


def run(options: Options) -> Study:
    """Every forecast on three places, half of the year's weeks held out; `quick`: one fold, without the network."""
    asked = ["--seed", str(options.seed)]
    if options.quick:
        asked += ["--models", "ridge", "boosting", "--folds", "0"]
    told = _judged(asked)
    rows = [
        {
            "place": PLACES.get(row["place"], row["place"]),
            **{name: row[name] for name in ("what", "forecast", "rmse", "mae", "unit")},
            "skill": row["skill"],
            "over smart": row["smart_skill"],
            "best": row["best"],
            "hours_judged": row["hours_judged"],
        }
        for place in told["places"]
        for row in place["rows"]
    ]
    learned = [row for row in rows if row["forecast"] not in REFERENCES]
    goals = [
        Goal(
            "skill over smart persistence of whatever is best, least place",
            0.0,
            _least_best(rows),
            at_least=True,
        ),
        Goal(
            "skill over smart persistence that would be a leak, most of all forecasts",
            MOST_SMART_SKILL,
            max(row["over smart"] for row in learned),
            at_least=False,
        ),
    ]
    why = [
        f"{PLACES.get(p['place'], p['place'])}, {what}: {why}."
        for p in told["places"]
        for what, why in p["why"].items()
    ]
    return Study(
        name="forecast",
        config=told["config"],
        rows=rows,
        goals=goals,
        notes=(*NOTES, *why),
        chart=_chart(rows),
        title="One hour ahead: sun and wind of a site",
        hidden=frozenset({"hours_judged"}),
    )


def _chart(rows: list[dict[str, Any]]) -> Chart:
    """Skill over smart persistence of what learns, by place and target."""
    cases: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["forecast"] not in REFERENCES:
            name = f"{row['place']}, {row['what']}"
            cases.setdefault(name, {"case": name})[row["forecast"]] = row["over smart"]
    names = tuple(dict.fromkeys(name for case in cases.values() for name in case if name != "case"))
    return Chart("case", names, y_title="skill over smart persistence", rows=tuple(cases.values()))


def _least_best(rows: list[dict[str, Any]]) -> float:
    return min(float(row["over smart"]) for row in rows if row["best"])


def _judged(asked: list[str]) -> dict[str, Any]:
    if not NODE_PYTHON.exists():
        raise DataMissing("the node's environment is missing: run `make install`")
    ended = subprocess.run(
        [str(NODE_PYTHON), "-m", "fl_nodes.forecast", "judge", *asked],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        check=True,
    )
    told: dict[str, Any] = json.loads(ended.stdout)
    return told
