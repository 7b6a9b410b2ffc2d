"""Hourly figures from a folder of CSV files as Electricity Maps publishes them (one zone a file, any number of years)."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backend.adapters.intensity.learned_series import LearnedSeries
from backend.adapters.intensity.source import (
    AHEAD_BAND_PPM,
    ESTIMATED_BAND_PPM,
    MEASURED_BAND_PPM,
    MG_PER_G,
    STAND_IN_BAND_PPM,
)
from backend.domain.intensity import HOURLY, SECONDS_PER_HOUR, Intensity, hour_of, normal_zone
from backend.energy.intensity_ahead import DAY, expected
from backend.errors import Invalid

PUBLISHER = "Electricity Maps, hourly CSV"
WEEK = timedelta(days=7)

_WHEN, _ZONE, _ORIGIN, _ESTIMATED = "datetime (utc)", "zone id", "data source", "data estimated"
_LIFE_CYCLE = ("(lca)", "(life cycle)", "(lifecycle)")
_DIRECT = ("(direct)",)


@dataclass(frozen=True)
class _Row:
    mg_per_kwh: int
    estimated: bool
    origin: str


class HourlyFiles:
    """A `Source` over `folder`; a zone's files are read when it is first asked for.

    Where an hour is missing (a gap, or a year that no file has), the same hour of the nearest like weekday, by the calendar,
    of the newest other year stands in: its `source` says so, and its band is wider. `direct` takes the column of what power
    stations emit themselves in place of the life-cycle one. Invalid `intensity.file` for a file that cannot be read.
    """

    def __init__(self, folder: Path, direct: bool = False) -> None:
        self._kind = _DIRECT if direct else _LIFE_CYCLE
        self._files: dict[str, list[Path]] = {}
        self._rows: dict[str, dict[int, _Row]] = {}
        self._learned: dict[str, LearnedSeries] = {}
        self._lock = threading.Lock()
        if not folder.is_dir():
            raise Invalid("intensity.folder", f"ECODML_INTENSITY_DIR: {folder} is not a folder.")
        for file in sorted(folder.glob("*.csv")):
            first = next(_records(file), None)
            zone = normal_zone(first.get(_ZONE, "")) if first else None
            if zone is None:
                raise Invalid("intensity.file", f"{file.name} names no zone in a column 'Zone Id'.")
            self._files.setdefault(zone, []).append(file)

    def knows(self, zone: str) -> bool:
        """Whether a file is about it."""
        return zone in self._files

    def at(self, zone: str, when: float) -> Intensity | None:
        """The figure of the hour, or of the hour that stands in for it."""
        hour, rows = hour_of(when), self._zone(zone)
        if hour in rows:
            return _figure(zone, hour, hour, rows[hour])
        instead = _stand_in(rows, hour)
        return None if instead is None else _figure(zone, hour, instead, rows[instead])

    def ahead(self, zone: str, when: float, hours: int) -> tuple[Intensity, ...] | None:
        """What the zone's past lets expect, learned where there is a season of it (`energy.learned_ahead`), else yesterday's hours,
        moved by how today differs: from rows before `when` alone, though the file may know better."""
        start, rows = hour_of(when), self._zone(zone)

        def known(hour: int) -> float | None:
            row = rows.get(hour if hour in rows else _stand_in(rows, hour, before=start) or -1)
            return None if row is None else float(row.mg_per_kwh)

        figures = expected(known, start, hours)
        if figures is None:
            return None
        by_hour = {hour: row.mg_per_kwh for hour, row in rows.items()}
        learned = self._learned.setdefault(zone, LearnedSeries()).expected(by_hour, known, start, hours) or []
        figures = [*learned, *figures[len(learned) :]]
        recent = any(hour in rows for hour in range(start - DAY, start))
        band = AHEAD_BAND_PPM if recent else STAND_IN_BAND_PPM
        basis = "expected from the hours before" + ("" if recent else ", which another year's stand in for")
        return tuple(
            Intensity(
                zone, start + later, round(mg), HOURLY, f"{PUBLISHER}: {basis}", _stamp(start - 1), True, band
            )
            for later, mg in enumerate(figures)
        )

    def _zone(self, zone: str) -> dict[int, _Row]:
        with self._lock:
            if zone not in self._rows:
                self._rows[zone] = {}
                for file in self._files.get(zone, ()):
                    self._rows[zone].update(_hours(file, zone, self._kind))
            return self._rows[zone]


def _figure(zone: str, hour: int, row_of: int, row: _Row) -> Intensity:
    actual = row_of == hour
    note = "" if actual else f"; {_stamp(row_of)} stands in for {_stamp(hour)}"
    return Intensity(
        zone=zone,
        hour=hour,
        mg_per_kwh=row.mg_per_kwh,
        resolution=HOURLY,
        source=f"{PUBLISHER} ({row.origin}){note}",
        dated=_stamp(row_of),
        estimated=row.estimated or not actual,
        band_ppm=(ESTIMATED_BAND_PPM if row.estimated else MEASURED_BAND_PPM)
        if actual
        else STAND_IN_BAND_PPM,
    )


def _stand_in(rows: dict[int, _Row], hour: int, before: int | None = None) -> int | None:
    """The hour of `rows` that stands in for `hour`: the newest other year's, of the same weekday and hour of the day.

    With `before`, only hours before that one count.
    """
    if not rows:
        return None
    moment = _moment(hour)
    newest, oldest = _moment(max(rows)).year, _moment(min(rows)).year
    for year in range(newest, oldest - 1, -1):
        if year == moment.year:
            continue
        like = _like(moment, year)
        for candidate in (like, like + WEEK, like - WEEK):
            found = hour_of(candidate.timestamp())
            if found in rows and candidate.year == year and (before is None or found < before):
                return found
    return None


def _like(moment: datetime, year: int) -> datetime:
    """The moment in `year` of the same weekday and hour whose date is nearest."""
    last_of_february = moment.month == 2 and moment.day == 29
    same_date = moment.replace(year=year, day=28 if last_of_february else moment.day)
    like = same_date + timedelta(days=(moment.weekday() - same_date.weekday() + 3) % 7 - 3)
    return like + WEEK if like.year < year else like - WEEK if like.year > year else like


def _hours(file: Path, zone: str, kind: tuple[str, ...]) -> Iterator[tuple[int, _Row]]:
    for number, record in enumerate(_records(file), start=2):
        column = next((name for name in record if any(word in name for word in kind)), None)
        if column is None:
            raise Invalid(
                "intensity.file", f"{file.name} has no column of carbon intensity {' or '.join(kind)}."
            )
        if normal_zone(record.get(_ZONE, "")) != zone:
            raise Invalid("intensity.file", f"{file.name} line {number} is about another zone than {zone}.")
        if not record[column]:
            continue
        try:
            moment = datetime.fromisoformat(record[_WHEN]).replace(tzinfo=UTC)
            mg_per_kwh = round(float(record[column]) * MG_PER_G)
        except (KeyError, ValueError, OverflowError) as error:
            raise Invalid(
                "intensity.file", f"{file.name} line {number} has no UTC time and number of gCO2e/kWh."
            ) from error
        if mg_per_kwh < 0:
            raise Invalid("intensity.file", f"{file.name} line {number} has an intensity below zero.")
        origin = record.get(_ORIGIN) or "source not named"
        yield (
            hour_of(moment.timestamp()),
            _Row(mg_per_kwh, record.get(_ESTIMATED, "").lower() == "true", origin),
        )


def _records(file: Path) -> Iterator[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for record in csv.DictReader(lines):
                yield {name.strip().lower(): value or "" for name, value in record.items() if name}
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise Invalid("intensity.file", f"{file.name} cannot be read as CSV: {error}.") from error


def _moment(hour: int) -> datetime:
    return datetime.fromtimestamp(hour * SECONDS_PER_HOUR, UTC)


def _stamp(hour: int) -> str:
    return _moment(hour).strftime("%Y-%m-%dT%H:00Z")
