"""How the honest track's savings depend on what it assumes: machines, sites, compression, the chain, load."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scripts.experiments.contestants import OURS_NAMED, SOURCE_SLEEP, STANDARD
from scripts.experiments.honest_runs import Track, grams, kwh
from scripts.experiments.honest_setting import NO_INT8, SOURCES_INT8, Setting
from scripts.experiments.intervals import of_mean, saved
from scripts.experiments.study import Chart, Options, Row, Study

NAME = "honest-sensitivity"
BLOCKS = 8
BASE = replace(Setting(), blocks=BLOCKS)
VARIANTS = {
    "as assumed": BASE,
    "2022's grids (on which the slack was chosen)": replace(BASE, year=2022),
    "without INT8": replace(BASE, int8=NO_INT8, slack_s=1.75),
    "INT8 as the source assumes it": replace(BASE, int8=SOURCES_INT8),
    "waking 0.65 s, falling asleep 0.65 s": replace(BASE, wake_s=0.65, fall_s=0.65),
    "waking 15 s, falling asleep 9 s": replace(BASE, wake_s=15.0, fall_s=9.0),
    "8 W asleep": replace(BASE, asleep_w=8.0),
    "machines cannot be off": replace(BASE, off_w=BASE.asleep_w),
    "half the sun and wind": replace(BASE, sized=0.5),
    "no sun, no wind": replace(BASE, sized=0.0),
    "ten times the sun and wind": replace(BASE, sized=10.0),
    "0.166 Wh a transaction": replace(BASE, wh_per_transaction=0.166),
    "52 Wh a transaction": replace(BASE, wh_per_transaction=52.0),
    "20 tasks an hour": replace(BASE, tasks_per_hour=20.0),
    "1 000 tasks an hour": replace(BASE, tasks_per_hour=1000.0, days=1),
    "10 000 tasks an hour": replace(BASE, tasks_per_hour=10_000.0, days=1, blocks=3),
}


def run(options: Options) -> Study:
    """Three policies for each assumption."""
    rows = []
    for name, setting in VARIANTS.items():
        options.progress(f"  {name}")
        chosen = (
            replace(setting.quick(), tasks_per_hour=min(100.0, setting.tasks_per_hour))
            if options.quick
            else setting
        )
        rows.append(_row(name, chosen, options))
    return Study(
        NAME,
        {name: setting.config() for name, setting in VARIANTS.items()},
        rows,
        notes=(
            "Intervals (95 %) are over blocks. The source's score sleeps after its machines' break-even time.",
        ),
        chart=Chart("assumed", ["% less carbon than Standard", "% less carbon than source + sleep"]),
        title="Honest track: what the savings hang on",
    )


def _row(name: str, setting: Setting, options: Options) -> Row:
    field = (STANDARD, SOURCE_SLEEP, OURS_NAMED)
    found = Track(options.data, setting, options.seed, lambda _: None).play(field)
    standard, source, ours = (found[c.name] for c in field)
    return {
        "assumed": name,
        "Standard kWh a day": float(np.mean(kwh(standard))) / setting.days,
        "ours kWh a day": float(np.mean(kwh(ours))) / setting.days,
        **saved(kwh(ours), kwh(standard)).columns("% less energy than Standard", 100),
        **saved(grams(ours), grams(standard)).columns("% less carbon than Standard", 100),
        **saved(kwh(ours), kwh(source)).columns("% less energy than source + sleep", 100),
        **saved(grams(ours), grams(source)).columns("% less carbon than source + sleep", 100),
        "ours p95 s": of_mean([b.p95_s for b in ours]).mean,
        "source + sleep p95 s": of_mean([b.p95_s for b in source]).mean,
    }
