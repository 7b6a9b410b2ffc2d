"""Hourly grid intensity from the files of a data folder (`carbon/ZONE_YEAR.csv`, in the form of Electricity Maps)."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scripts.experiments.study import DataMissing

WHEN = "Datetime (UTC)"
LIFE_CYCLE = "(LCA)"
HOUR_SECONDS = 3600


@dataclass(frozen=True)
class GridHours:
    """A zone's life-cycle intensity in gCO2e per kWh by hour, without gaps; `first` is Unix seconds // 3600; `starts` is where
    each year begins in `g_per_kwh`.
    """

    zone: str
    first: int
    g_per_kwh: npt.NDArray[np.float64]
    starts: dict[int, int]


def grid_hours(data: Path, zone: str, years: Sequence[int]) -> GridHours:
    """The years one after the other; DataMissing where a file or an hour is missing."""
    hours: list[int] = []
    values: list[float] = []
    starts = {}
    for year in years:
        starts[year] = len(hours)
        path = data / "carbon" / f"{zone}_{year}.csv"
        if not path.is_file():
            raise DataMissing(
                f"{path} is missing (hourly intensity as Electricity Maps publishes it): name the data's folder by --data or "
                "ECODML_BENCH_DATA."
            )
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                hours.append(_hour(row[WHEN]))
                values.append(float(_life_cycle(row)))
    if hours != list(range(hours[0], hours[0] + len(hours))):
        raise DataMissing(
            f"{zone}: an hour is missing between the first of {years[0]} and the last of {years[-1]}."
        )
    return GridHours(zone, hours[0], np.array(values), starts)


def _life_cycle(row: dict[str, Any]) -> str:
    return next(str(value) for name, value in row.items() if LIFE_CYCLE in name)


def _hour(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp()) // HOUR_SECONDS
