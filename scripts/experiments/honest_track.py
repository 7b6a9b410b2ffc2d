"""The honest track: queues, idling, sleeping, weather and grids; what each policy takes for the same tasks."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from scripts.experiments.contestants import (
    FIELD,
    ORACLE,
    OURS_NAMED,
    PATIENT,
    SOURCE_SLEEP,
    STANDARD,
    Contestant,
)
from scripts.experiments.honest_runs import Blocks, Track, grams, kwh, row
from scripts.experiments.honest_setting import Setting
from scripts.experiments.intervals import Interval, of_mean, saved
from scripts.experiments.study import Chart, Goal, Options, Study

NAME = "honest-track"


def run(options: Options) -> Study:
    """All policies, weeks spread over a year, the same tasks for each."""
    setting = Setting().quick() if options.quick else Setting()
    found = Track(options.data, setting, options.seed, options.progress).play(FIELD)
    return Study(
        NAME,
        setting.config(),
        [row(name, blocks, setting.days) for name, blocks in found.items()],
        goals(found),
        notes=(
            f"{setting.blocks} blocks of {setting.days} days; intervals (95 %) are over blocks, differences are paired.",
            *stricter(found),
        ),
        chart=Chart("policy", ["kWh a day", "gCO2 a day"], log_y=True),
        title="Honest track: a day of 2 400 tasks on four sites",
        hidden=frozenset({"tasks", "tasks a CPU second"}),
    )


def goals(found: Mapping[str, Blocks]) -> list[Goal]:
    """Ours against Standard and against the source's score with sleep."""
    ours, standard, source = (found[c.name] for c in (OURS_NAMED, STANDARD, SOURCE_SLEEP))
    slower = of_mean([a.p95_s - b.p95_s for a, b in zip(ours, source, strict=True)])
    return [
        _saving("less energy than Standard", 85, saved(kwh(ours), kwh(standard))),
        _saving("less carbon than Standard", 95, saved(grams(ours), grams(standard)), _why(found, STANDARD)),
        _saving("less energy than the source's score with sleep", 35, saved(kwh(ours), kwh(source))),
        _saving(
            "less carbon than the source's score with sleep",
            60,
            saved(grams(ours), grams(source)),
            _why(found, SOURCE_SLEEP),
        ),
        Goal("p95 latency beyond that of the source's score with sleep", 0, slower.mean, "s", at_least=False,
             interval=(slower.low, slower.high)),
    ]  # fmt: skip


def stricter(found: Mapping[str, Blocks]) -> list[str]:
    """What the same comparison says with other sleep rules for the source's score, and of how far an oracle gets."""
    ours = found[OURS_NAMED.name]
    told = []
    for name, blocks in found.items():
        if name.startswith(SOURCE_SLEEP.name + " "):
            energy, carbon = saved(kwh(ours), kwh(blocks)), saved(grams(ours), grams(blocks))
            p95 = np.mean([b.p95_s for b in blocks]) - np.mean([b.p95_s for b in ours])
            told.append(
                f"Against {name}: {100 * energy.mean:.1f} % less energy, {100 * carbon.mean:.1f} % less carbon, "
                f"p95 {abs(p95):.2f} s {'better' if p95 >= 0 else 'worse'}."
            )
    best, standard = found[ORACLE], found[STANDARD.name]
    told.append(
        f"The oracle, on the same machines: {100 * saved(kwh(best), kwh(standard)).mean:.1f} % less energy and "
        f"{100 * saved(grams(best), grams(standard)).mean:.1f} % less carbon than Standard."
    )
    return told


def _why(found: Mapping[str, Blocks], other: Contestant) -> str:
    """What stands in the way: what an oracle reaches on the same machines, and what more patience would."""
    more = grams(found[other.name])
    patient = found[PATIENT]
    p95 = np.mean([b.p95_s for b in patient])
    return (
        f"an oracle on the same machines reaches {100 * saved(grams(found[ORACLE]), more).mean:.1f} %; "
        f"ours reaches {100 * saved(grams(patient), more).mean:.1f} % where p95 may be {p95:.0f} s"
    )


def _saving(what: str, wanted: float, share: Interval, why: str = "") -> Goal:
    low, high = 100 * share.low, 100 * share.high
    missed = 100 * share.mean < wanted
    return Goal(what, wanted, 100 * share.mean, "%", interval=(low, high), why=why if missed else "")
