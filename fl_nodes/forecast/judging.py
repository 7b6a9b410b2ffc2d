"""Judging the forecasts on a place's weather: what `python -m fl_nodes.forecast judge` and `ecodml node forecast --judge` do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fl_nodes.errors import Refused
from fl_nodes.forecast import chosen
from fl_nodes.forecast.boosting import Boosting
from fl_nodes.forecast.features import SUN, WIND, examples
from fl_nodes.forecast.judge import Judgement, Make, judge
from fl_nodes.forecast.lstm import Lstm
from fl_nodes.forecast.models import Model
from fl_nodes.forecast.ridge import Ridge
from fl_nodes.forecast.series import hours_of
from fl_nodes.forecast.site import Site
from fl_nodes.forecast.supply import learnable
from fl_nodes.forecast.weather import read_weather

FOLDS = 4
RUN = (0, 2)
"""Of four ways to hold out every fourth week, two: half a year is judged, and a network is fitted twice."""
LEAST_HOURS = 8 * 7 * 24
UNITS = {SUN: "W/m2", WIND: "share of rated power"}


def makers(names: Sequence[str], seed: int, epochs: int) -> list[Make]:
    """What makes each model; Refused `forecast.model` for a name that is none."""
    known: dict[str, Make] = {
        "ridge": Ridge,
        "boosting": partial(Boosting, seed),
        "lstm": partial(Lstm, seed, epochs),
    }
    for name in names:
        if name not in known:
            raise Refused("forecast.model", f"There is no forecast {name!r}; there are {', '.join(known)}.")
    return [known[name] for name in names]


def place_of(file: Path) -> Site:
    """The place that a typical year names."""
    weather = read_weather(file)
    if weather.place is None:
        raise Refused("site.weather", f"{file.name} does not say where it was measured: name a --site.")
    return Site(*weather.place, weather=file)


def judged(
    site: Site,
    models: Sequence[Make],
    run: Sequence[int] = RUN,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Judgement]:
    """Judgements of `sun` and, where the file knows the wind, `wind`; Refused `site.weather` where it is too short."""
    if site.weather is None:
        raise Refused("site.weather", "The site names no weather file to judge forecasts on.")
    weather = read_weather(site.weather)
    if len(weather) < LEAST_HOURS:
        raise Refused(
            "site.weather",
            f"{weather.name} has {len(weather)} hours; judging takes eight weeks, {LEAST_HOURS}.",
        )
    hours = hours_of(site, weather)
    found = {}
    for what in (SUN, WIND):
        if what == WIND and not np.isfinite(hours.wind).any():
            continue
        began = time.monotonic()
        found[what] = judge(hours, what, models, FOLDS, run)
        progress(f"{weather.name} {what}: {found[what].why} ({time.monotonic() - began:.0f} s)")
    return found


def keep(site: Site, folder: Path, judgements: dict[str, Judgement], models: Sequence[Make]) -> None:
    """Fit what was chosen on all hours and keep it for the node."""
    assert site.weather is not None  # noqa: S101 -- it was judged on it
    weather = read_weather(site.weather)
    choices = {}
    for what, judgement in judgements.items():
        model = _named(judgement.best, models)
        settings, extra = ({}, {}) if model is None else (dict(model.settings), {})
        if isinstance(model, Lstm):
            folder.mkdir(parents=True, exist_ok=True)
            made = examples(hours_of(site, weather), what, np.ones(len(weather), dtype=bool))
            model.fit(learnable(made))
            extra = dict(model.save(folder / f"{what}.weights.h5"))
        choices[what] = chosen.choice_of(judgement, settings, extra)
    chosen.save(folder, site.weather, choices)


def rows(name: str, judgements: dict[str, Judgement]) -> list[dict[str, Any]]:
    """Judgements as lines of a table."""
    return [
        {
            "place": name,
            "what": what,
            "forecast": score.name,
            **{key: value for key, value in asdict(score).items() if key != "name"},
            "unit": UNITS[what],
            "best": score.name == judgement.best,
            "hours_judged": judgement.judged,
        }
        for what, judgement in judgements.items()
        for score in judgement.scores
    ]


def _named(name: str, models: Sequence[Make]) -> Model | None:
    return next((model for model in (make() for make in models) if model.name == name), None)
