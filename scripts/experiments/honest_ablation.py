"""What each part of our policy is worth on the honest track: each one off alone."""

from __future__ import annotations

from dataclasses import replace

from backend.energy.simulation.packed import Rules
from fl_nodes.protocol.power import FULL
from scripts.experiments.contestants import (
    AVERAGES,
    LAST_HOUR,
    OURS,
    OURS_NAMED,
    PATIENCE_S,
    STANDARD,
    Contestant,
    Ours,
)
from scripts.experiments.honest_runs import Track, grams, kwh, row
from scripts.experiments.honest_setting import Setting
from scripts.experiments.intervals import saved
from scripts.experiments.study import Chart, Options, Study

NAME = "honest-ablation"
BLOCKS = 13
ROUND_ROBIN_SLEEPS = replace(STANDARD, name="only sleep (round robin)", sleeps=True)


def _without(name: str, ours: Ours) -> Contestant:
    return replace(OURS_NAMED, name=name, make=ours)


FIELD = (
    STANDARD,
    OURS_NAMED,
    _without("without forecast: last hour", replace(OURS, foresees=LAST_HOUR)),
    _without("without forecast: averages only", replace(OURS, foresees=AVERAGES)),
    replace(OURS_NAMED, name="without compression", int8=False),
    _without("without DVFS", replace(OURS, levels=(FULL,))),
    _without("without shutting down", replace(OURS, rules=Rules(PATIENCE_S, shuts=False))),
    _without("without sleeping at once", replace(OURS, rules=Rules(PATIENCE_S, watches=False))),
    _without("without sleep, nor shutting down", replace(OURS, rules=Rules(PATIENCE_S, sleeps=False, shuts=False))),
    replace(OURS_NAMED, name="without the chain", records=False),
    ROUND_ROBIN_SLEEPS,
)  # fmt: skip


def run(options: Options) -> Study:
    """The same blocks for all."""
    setting = replace(Setting(), blocks=BLOCKS)
    setting = setting.quick() if options.quick else setting
    found = Track(options.data, setting, options.seed, options.progress).play(FIELD)
    ours, standard = found[OURS_NAMED.name], found[STANDARD.name]
    rows = []
    for name, blocks in found.items():
        kept = {k: v for k, v in row(name, blocks, setting.days).items() if not k.endswith(" %")}
        rows.append(
            kept
            | saved(kwh(blocks), kwh(standard)).columns("% less energy than Standard", 100)
            | saved(grams(blocks), grams(standard)).columns("% less carbon than Standard", 100)
            | {
                "energy, times ours": sum(kwh(blocks)) / sum(kwh(ours)),
                "carbon, times ours": sum(grams(blocks)) / sum(grams(ours)),
            }
        )
    hidden = {"tasks", "tasks a CPU second", "p99 s"}
    for column in ("kWh a day", "gCO2 a day", "p95 s"):
        hidden |= {f"{column}_low", f"{column}_high"}
    return Study(
        NAME,
        setting.config(),
        rows,
        notes=(f"{setting.blocks} blocks of {setting.days} days; intervals (95 %) are over blocks.",),
        chart=Chart("policy", ["energy, times ours", "carbon, times ours"], log_y=True),
        title="Honest track: our policy with one part off",
        hidden=frozenset(hidden),
    )
