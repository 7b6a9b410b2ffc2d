"""Electricity Maps' API, version 3: https://app.electricitymaps.com/docs (carbon-intensity `latest`, `history`, `forecast`)."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
import structlog

from backend.adapters.intensity.source import (
    AHEAD_BAND_PPM,
    ESTIMATED_BAND_PPM,
    MEASURED_BAND_PPM,
    MG_PER_G,
)
from backend.domain.intensity import HOURLY, SECONDS_PER_HOUR, Intensity, hour_of
from backend.energy.intensity_ahead import DAY, expected

log = structlog.get_logger()

URL = "https://api.electricitymaps.com"
PUBLISHER = "Electricity Maps API v3"
TIMEOUT_SECONDS = 5.0
FRESH_SECONDS = 600.0
"""How long an answer is used again: figures change by the hour, and plans count requests."""
PAUSE_SECONDS = 60.0
"""How long nothing is asked after an answer that failed."""
NOT_ALLOWED_SECONDS = 3600.0
"""How long nothing is asked after the plan's limits, or a zone that the token does not cover."""
LATE_HOURS = 2
"""The newest figure stands for the hours after it, this far."""
KEPT_HOURS = 14 * DAY
HORIZONS = (24, 48, 72)
MOST_G_PER_KWH = 5_000.0


@dataclass
class _Answers:
    """What was heard of one zone; `quiet_until` (Unix seconds) by endpoint: not asked again before."""

    actual: dict[int, tuple[int, bool]] = field(default_factory=dict)
    forecast: dict[int, int] = field(default_factory=dict)
    forecast_made: str = ""
    quiet_until: dict[str, float] = field(default_factory=dict)


class ElectricityMaps:
    """A `Source` that asks the API, at most once in ten minutes for each zone and endpoint; whatever fails is no figure.

    The token goes into a header only, follows no redirection, and is in no log. Figures are life-cycle ones.
    """

    def __init__(self, token: str, clock: Callable[[], float], url: str = URL) -> None:
        self._token = token
        self._clock = clock
        self._url = url.rstrip("/")
        self._zones: dict[str, _Answers] = {}
        self._lock = threading.Lock()

    def knows(self, zone: str) -> bool:
        """Whether it has answered about the zone."""
        with self._lock:
            return zone in self._zones and bool(self._zones[zone].actual)

    def at(self, zone: str, when: float) -> Intensity | None:
        """The last day's hours, and the present one by the newest figure; earlier hours as far as they were asked for then."""
        hour, now = hour_of(when), hour_of(self._clock())
        with self._lock:
            answers = self._zones.setdefault(zone, _Answers())
            if now - DAY <= hour <= now:
                self._refresh(zone, answers)
            return _figure(zone, hour, answers.actual)

    def ahead(self, zone: str, when: float, hours: int) -> tuple[Intensity, ...] | None:
        """The API's forecast, where the token's plan has one; else what the last day's hours let expect."""
        hour, now = hour_of(when), hour_of(self._clock())
        if not now - 1 <= hour <= now + 1:
            return None  # what was known at another time is not known here
        with self._lock:
            answers = self._zones.setdefault(zone, _Answers())
            self._refresh(zone, answers)
            horizon = next((h for h in HORIZONS if h > hours), HORIZONS[-1])
            forecast = {"zone": zone, "horizonHours": str(horizon)}
            heard = self._ask("forecast", forecast, answers)
            if heard is not None:
                answers.forecast = {h: mg for h, (mg, _) in _figures(heard.get("forecast"), zone).items()}
                answers.forecast_made = str(heard.get("updatedAt", ""))[:19]
            return _expected(zone, hour, hours, answers)

    def _refresh(self, zone: str, answers: _Answers) -> None:
        for endpoint in ("history", "latest"):
            heard = self._ask(endpoint, {"zone": zone}, answers)
            if heard is not None:
                answers.actual |= _figures(heard.get("history", [heard]), zone)
        oldest = max(answers.actual, default=0) - KEPT_HOURS
        answers.actual = {hour: figure for hour, figure in answers.actual.items() if hour >= oldest}

    def _ask(self, endpoint: str, query: dict[str, str], answers: _Answers) -> dict[str, Any] | None:
        """The answer, None where it is not to be asked again yet or where it failed."""
        now = self._clock()
        if now < answers.quiet_until.get(endpoint, 0.0):
            return None
        pause = PAUSE_SECONDS
        try:
            response = requests.get(
                f"{self._url}/v3/carbon-intensity/{endpoint}",
                params=query,
                headers={"auth-token": self._token},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
            if response.status_code in (401, 403, 404, 429):
                pause = NOT_ALLOWED_SECONDS
            heard = response.json() if response.status_code == 200 else None
            if isinstance(heard, dict):
                pause = FRESH_SECONDS
                return heard
            log.warning(
                "intensity.refused", endpoint=endpoint, zone=query["zone"], status=response.status_code
            )
        except (requests.RequestException, ValueError) as error:
            log.warning(
                "intensity.unreachable", endpoint=endpoint, zone=query["zone"], why=type(error).__name__
            )
        finally:
            answers.quiet_until[endpoint] = now + pause
        return None


def _figures(entries: Any, zone: str) -> dict[int, tuple[int, bool]]:
    """(mg per kWh, estimated) by hour; entries that are not what the API documents are left out."""
    figures = {}
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("zone", zone) != zone:
            continue
        g_per_kwh, stamp = entry.get("carbonIntensity"), entry.get("datetime")
        if isinstance(g_per_kwh, bool) or not isinstance(g_per_kwh, int | float):
            continue
        if not math.isfinite(g_per_kwh) or not 0 <= g_per_kwh <= MOST_G_PER_KWH:
            continue
        try:
            moment = datetime.fromisoformat(str(stamp))
        except ValueError:
            continue
        hour = hour_of(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp())
        figures[hour] = (round(g_per_kwh * MG_PER_G), entry.get("isEstimated") is True)
    return figures


def _figure(zone: str, hour: int, actual: dict[int, tuple[int, bool]]) -> Intensity | None:
    of = next((h for h in range(hour, hour - LATE_HOURS - 1, -1) if h in actual), None)
    if of is None:
        return None
    mg_per_kwh, estimated = actual[of]
    late = "" if of == hour else f"; the newest figure, of {_stamp(of)}"
    return Intensity(
        zone=zone,
        hour=hour,
        mg_per_kwh=mg_per_kwh,
        resolution=HOURLY,
        source=f"{PUBLISHER}{late}",
        dated=_stamp(of),
        estimated=estimated or of != hour,
        band_ppm=ESTIMATED_BAND_PPM if estimated or of != hour else MEASURED_BAND_PPM,
    )


def _expected(zone: str, hour: int, hours: int, answers: _Answers) -> tuple[Intensity, ...] | None:
    def known(at: int) -> float | None:
        return float(answers.actual[at][0]) if at in answers.actual else None

    usual = expected(known, hour, hours)
    figures = []
    for later in range(hours):
        at = hour + later
        if at in answers.forecast:
            mg_per_kwh, source, dated = answers.forecast[at], "forecast", answers.forecast_made
        elif usual is not None:
            mg_per_kwh, source, dated = (
                round(usual[later]),
                "expected from the hours before",
                _stamp(hour - 1),
            )
        else:
            return None
        figures.append(
            Intensity(zone, at, mg_per_kwh, HOURLY, f"{PUBLISHER}: {source}", dated, True, AHEAD_BAND_PPM)
        )
    return tuple(figures)


def _stamp(hour: int) -> str:
    return datetime.fromtimestamp(hour * SECONDS_PER_HOUR, UTC).strftime("%Y-%m-%dT%H:00Z")
