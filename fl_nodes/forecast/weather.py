"""Hourly weather of one place, from a file: a station's CSV, or a typical year (TMY3, TMY2, EPW) through pvlib.

A typical meteorological year joins months of different years: it knows how a July is, not how this one is, and its hours do
not follow on each other across the ends of months.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fl_nodes.errors import Refused

Floats = npt.NDArray[np.float64]

NOMINAL_YEAR = 2001
"""The year, without a leap day, that hours of a typical year are written in."""

REQUIRED = ("ghi",)
COLUMNS = ("ghi", "dni", "dhi", "temp_air", "wind_speed")
USUAL_TEMPERATURE = 15.0
LONGEST_GAP_HOURS = 6


@dataclass(frozen=True)
class Weather:
    """`starts` are hours' starts in UTC, one after the other; arrays of the same length: irradiance in W/m2 as the hour's mean
    (global horizontal, direct normal, diffuse; NaN where unknown), degrees Celsius, m/s at 10 m. Latitude, longitude and
    altitude are the file's, None where it names none; `typical` says that it is no year that was.
    """

    name: str
    starts: pd.DatetimeIndex
    ghi: Floats
    dni: Floats
    dhi: Floats
    temp_air: Floats
    wind_speed: Floats
    typical: bool
    place: tuple[float, float, float] | None = None

    def __len__(self) -> int:
        return len(self.starts)

    def row_of(self, hour: int) -> int | None:
        """The row of a Unix hour: of the same date and hour of the typical year, or of the very hour; None where there is none."""
        moment = pd.Timestamp(hour * 3600, unit="s", tz="UTC")
        if self.typical:
            day = min(moment.day, 28) if moment.month == 2 else moment.day
            moment = moment.replace(year=NOMINAL_YEAR, day=day)
        row = int(self.starts.get_indexer(pd.DatetimeIndex([moment]))[0])
        return row if row >= 0 else None


def read_weather(file: Path) -> Weather:
    """The weather in a file; Refused `site.weather` where it cannot be read."""
    if not file.is_file():
        raise Refused("site.weather", f"There is no weather file {file}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pvlib and pandas about each other's future
            return _read(file)
    except (ValueError, KeyError, IndexError, TypeError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise Refused("site.weather", f"{file.name} cannot be read as weather: {error}.") from error


def _read(file: Path) -> Weather:
    from pvlib import iotools

    if file.suffix.lower() == ".tm2":
        frame, told = iotools.read_tmy2(file)
        frame = frame.rename(columns={"GHI": "ghi", "DNI": "dni", "DHI": "dhi", "Wspd": "wind_speed"})
        frame["temp_air"], frame["wind_speed"] = frame["DryBulb"] / 10, frame["wind_speed"] / 10
        return _typical(file, frame, told, ended=False)
    if file.suffix.lower() == ".epw":
        return _typical(file, *iotools.read_epw(file), ended=False)
    first = file.open(encoding="utf-8-sig").readline()
    if "time" in first.lower() and "ghi" in first.lower():
        return _station(file)
    return _typical(file, *iotools.read_tmy3(file, map_variables=True), ended=True)


def _typical(file: Path, frame: pd.DataFrame, told: dict[str, Any], ended: bool) -> Weather:
    """A year whose rows are labelled with the start of their hour, or (`ended`) with its end."""
    offset = frame.index[0].utcoffset()
    local = pd.date_range(f"{NOMINAL_YEAR}-01-01", periods=len(frame), freq="h", tz="UTC")
    if len(frame) != 8760:
        raise ValueError(f"it has {len(frame)} hours, a typical year 8760")
    first = frame.index[0].hour - (1 if ended else 0)
    rolled = np.roll(np.arange(len(frame)), first)
    # Local standard time to UTC, the year's end joined to its beginning.
    shift = -round(offset.total_seconds() / 3600)
    rows = np.roll(rolled, shift)
    place = (float(told["latitude"]), float(told["longitude"]), float(told.get("altitude", 0.0)))
    return _weather(file.name, local, frame.iloc[rows], True, place)


def _station(file: Path) -> Weather:
    frame = pd.read_csv(file, encoding="utf-8-sig")
    frame.columns = [str(name).strip().lower() for name in frame.columns]
    frame.index = pd.DatetimeIndex(pd.to_datetime(frame["time"], utc=True, format="ISO8601")).floor("h")
    frame = frame[~frame.index.duplicated(keep="last")].sort_index()
    if not len(frame):
        raise ValueError("it has no rows")
    whole = pd.date_range(frame.index[0], frame.index[-1], freq="h")
    return _weather(file.name, whole, frame.reindex(whole), False, None)


def _weather(
    name: str,
    starts: pd.DatetimeIndex,
    frame: pd.DataFrame,
    typical: bool,
    place: tuple[float, float, float] | None,
) -> Weather:
    missing = [column for column in REQUIRED if column not in frame]
    if missing:
        raise ValueError(f"it has no column {missing[0]}")
    columns = {
        column: _numbers(frame, column, USUAL_TEMPERATURE if column == "temp_air" else np.nan)
        for column in COLUMNS
    }
    for column in ("ghi", "dni", "dhi", "wind_speed"):
        columns[column] = np.where(columns[column] < 0, np.nan, columns[column])
    filled = {
        column: pd.Series(columns[column]).interpolate(limit=LONGEST_GAP_HOURS).to_numpy()
        for column in ("ghi", "temp_air", "wind_speed")
    }
    return Weather(name, starts, **(columns | filled), typical=typical, place=place)


def _numbers(frame: pd.DataFrame, column: str, default: float) -> Floats:
    if column not in frame:
        return np.full(len(frame), default)
    numbers = pd.to_numeric(frame[column], errors="coerce").to_numpy(dtype=np.float64)
    return np.where(numbers <= -99, np.nan, numbers)


def typical_years() -> list[Path]:
    """The three typical years that pvlib brings: Greensboro, Sand Point, Miami."""
    import pvlib

    folder = Path(pvlib.__file__).parent / "data"
    return [folder / "723170TYA.CSV", folder / "703165TY.csv", folder / "12839.tm2"]
