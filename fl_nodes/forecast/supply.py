"""What a site's sun and wind give in this hour and the next ones, as the node announces it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from fl_nodes.forecast import chosen
from fl_nodes.forecast.features import BACK_HOURS, SUN, WIND, Examples, Hours, examples
from fl_nodes.forecast.models import Model, predict
from fl_nodes.forecast.references import LOW_SUN, MOST_INDEX, clear_sky_index, wind_memory
from fl_nodes.forecast.series import hours_of, hours_until
from fl_nodes.forecast.site import Site
from fl_nodes.forecast.solar import under_clear_sky
from fl_nodes.forecast.weather import Floats, Weather, read_weather
from fl_nodes.protocol.site_supply import MODELLED, SiteSupply

SECONDS_PER_HOUR = 3600
PPM = 1_000_000
AHEAD_HOURS = 24
STALE_HOURS = 3
"""A station that said nothing for so long is not looked at any more."""
UNKNOWN_BAND_PPM = PPM
STANDARD_ERRORS = 2.0


@dataclass
class SiteForecast:
    """A site's supply, reckoned once an hour. With weather: the chosen forecast for this hour from the hours before it, then the
    references. Without: the clear sky, and no wind.
    """

    site: Site
    folder: Path
    clock: Callable[[], float]
    _said: SiteSupply | None = field(default=None, init=False)
    _models: dict[str, Model | None] = field(default_factory=dict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def now(self) -> SiteSupply:
        """The supply from this hour on."""
        hour = int(self.clock() // SECONDS_PER_HOUR)
        with self._lock:
            if self._said is None or self._said.from_hour != hour:
                self._said = self._reckon(hour)
            return self._said

    def announced(self) -> dict[str, object]:
        """As hello and beats carry it."""
        return self.now().announced()

    def _reckon(self, hour: int) -> SiteSupply:
        starts = pd.date_range(
            pd.Timestamp(hour * SECONDS_PER_HOUR, unit="s", tz="UTC"), periods=AHEAD_HOURS, freq="h"
        )
        weather = read_weather(self.site.weather) if self.site.weather else None
        row, late = (None, 0) if weather is None else _last_row(weather, hour)
        if weather is None or row is None:
            return self._clear(hour, starts, "" if weather is None else f"{weather.name[:60]} is stale: ")
        choices = chosen.load(self.folder, Path(str(self.site.weather)))
        past = hours_until(self.site, weather, row)
        sun, sun_method, sun_error = self._ahead(SUN, weather, past, choices)
        wind, wind_method, wind_error = self._ahead(WIND, weather, past, choices)
        watts, methods, errors = np.zeros(AHEAD_HOURS), [], []
        if self.site.solar is not None:
            index = _index(sun, past)
            watts += index * under_clear_sky(self.site, self.site.solar, starts, float(past.temp_air[-1]))
            methods.append(f"sun: {sun_method}")
            errors.append(sun_error)
        if self.site.wind is not None and np.isfinite(past.wind).all():
            kept, mean = wind_memory(past.wind, np.ones(len(past.wind), dtype=bool))
            decay = kept ** np.arange(late, late + AHEAD_HOURS)
            watts += (mean + decay * (wind - mean)) * self.site.wind.kw * 1000
            methods.append(f"wind: {wind_method}")
            errors.append(wind_error)
        band = UNKNOWN_BAND_PPM if weather.typical else round(PPM * min(1.0, max(errors, default=1.0)))
        basis = "typical year" if weather.typical else "station"
        return _said(hour, watts, band, f"{'; '.join(methods)} ({basis} {weather.name[:60]})")

    def _ahead(
        self, what: str, weather: Weather, past: Hours, choices: dict[str, chosen.Choice]
    ) -> tuple[float, str, float]:
        """(next hour in W/m2 or shares, in words by what, relative error) of the hour after `past`'s last known one."""
        made = examples(past, what, np.ones(len(past), dtype=bool))
        last = np.zeros(len(made.hours), dtype=bool)
        last[-2] = True
        latest = made.rows(last)
        choice = choices.get(what)
        plain = float(latest.reference[0]) * made.scale
        if choice is None or not np.isfinite(latest.windows).all():
            return plain, "smart persistence, not judged on this site yet", 1.0
        model = self._model(what, weather, choice)
        found = plain if model is None else float(predict(model, latest)[0]) * made.scale
        error = STANDARD_ERRORS * choice.rmse / choice.mean if choice.mean > 0 else 1.0
        return found, _told(choice), error

    def _model(self, what: str, weather: Weather, choice: chosen.Choice) -> Model | None:
        if what not in self._models:
            known = learnable(examples(hours_of(self.site, weather), what, np.ones(len(weather), dtype=bool)))
            self._models[what] = chosen.fitted(choice, known, self.folder, what)
        return self._models[what]

    def _clear(self, hour: int, starts: pd.DatetimeIndex, why: str) -> SiteSupply:
        solar = self.site.solar
        watts = np.zeros(AHEAD_HOURS) if solar is None else under_clear_sky(self.site, solar, starts)
        return _said(
            hour, watts, UNKNOWN_BAND_PPM, f"{why}clear sky, clouds and wind unknown: the most there can be"
        )


def learnable(of: Examples) -> Examples:
    """The rows whose target came and that count."""
    return of.rows(np.isfinite(of.target) & of.lit & np.isfinite(of.windows).all(axis=(1, 2)))


def _last_row(weather: Weather, hour: int) -> tuple[int | None, int]:
    """(row of the newest hour before `hour`, how many hours are missing between); None where the file has none of late."""
    for late in range(STALE_HOURS):
        row = weather.row_of(hour - 1 - late)
        if row is not None and (weather.typical or row >= BACK_HOURS) and np.isfinite(weather.ghi[row]):
            return row, late
    return None, 0


def _index(ghi: float, past: Hours) -> float:
    """The clear-sky index of the hour ahead, held for the hours after it."""
    clear = float(past.clear[-1])
    if clear > LOW_SUN:
        return min(max(ghi / clear, 0.0), MOST_INDEX)
    return float(clear_sky_index(past.ghi[:-1], past.clear[:-1])[-1])


def _told(choice: chosen.Choice) -> str:
    """Which forecast runs and why, in a few words."""
    skill = next(score["smart_skill"] for score in choice.scores if score["name"] == choice.name)
    return f"{choice.name}, best on held-out weeks (skill {skill:.2f} over smart persistence)"


def _said(hour: int, watts: Floats, band_ppm: int, method: str) -> SiteSupply:
    whole = tuple(round(max(float(w), 0.0)) if np.isfinite(w) else 0 for w in watts)
    return SiteSupply(hour, whole, MODELLED, band_ppm, method)
