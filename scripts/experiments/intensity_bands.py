"""How far grid figures are off that stand in for the hour itself, beside the bands they are published with."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from backend.adapters.intensity import HourlyFiles, YearlyFactors
from backend.domain.intensity import SECONDS_PER_HOUR, Intensity
from scripts.experiments.study import Chart, DataMissing, Options, Row, Study

AHEAD_HOURS = 24
NOTES = (
    "Figures as they would have been given for the later of two years, against the hour itself: `off` is |figure - hour| / figure.",
    "Bands are meant to hold nine hours in ten.",
)

Figures = Iterator[tuple[Intensity, int]]
"""What was said of an hour, and what the hour was, in mg per kWh."""


def run(options: Options) -> Study:
    """Zones of `data/carbon` with two years or more; `quick` looks at some hours of January."""
    rows = []
    for zone, files in _zones(options.data / "carbon").items():
        whole = _folder(files)
        earlier = _folder(files[:1])
        start = _first_hour(files[1])
        hours = range(start, start + (700 if options.quick else 8_700), 97 if options.quick else 25)
        ways: dict[str, Callable[[], Figures]] = {
            "a day ahead, from the hours before": lambda w=whole, z=zone, h=hours: _ahead(w, z, h),  # type: ignore[misc]
            "the year before stands in": lambda w=whole, e=earlier, z=zone, h=hours: _stand_ins(e, w, z, h),  # type: ignore[misc]
            "the country's yearly average": lambda w=whole, z=zone, h=hours: _yearly(w, z, h),  # type: ignore[misc]
        }
        for way, figures in ways.items():
            rows.append({"zone": zone, "figure": way, **_off(list(figures()))})
    return Study(
        name="intensity-bands",
        config={"hours ahead": AHEAD_HOURS, "zones": sorted({str(row["zone"]) for row in rows})},
        rows=rows,
        notes=NOTES,
        chart=_chart(rows),
        title="Grid figures that stand in for an hour",
    )


def _chart(rows: Sequence[Row]) -> Chart:
    cases = tuple({**row, "case": f"{row['zone']}, {row['figure']}"} for row in rows)
    return Chart("case", ("off, median", "off, 9 in 10", "band"), rows=cases)


def _off(figures: list[tuple[Intensity, int]]) -> dict[str, float | int]:
    said = np.array([max(figure.mg_per_kwh, 1) for figure, _ in figures], dtype=float)
    off = np.abs(said - np.array([was for _, was in figures])) / said
    band = figures[0][0].band_ppm / 1_000_000
    return {
        "hours": len(figures),
        "off, median": float(np.median(off)),
        "off, 9 in 10": float(np.quantile(off, 0.9)),
        "band": band,
        "inside the band": float((off <= band).mean()),
    }


def _ahead(whole: HourlyFiles, zone: str, hours: range) -> Figures:
    for hour in hours:
        for figure in whole.ahead(zone, hour * SECONDS_PER_HOUR, AHEAD_HOURS) or ():
            yield from _beside(figure, whole, zone, figure.hour)


def _stand_ins(earlier: HourlyFiles, whole: HourlyFiles, zone: str, hours: range) -> Figures:
    for hour in hours:
        yield from _beside(earlier.at(zone, hour * SECONDS_PER_HOUR), whole, zone, hour)


def _yearly(whole: HourlyFiles, zone: str, hours: range) -> Figures:
    factors = YearlyFactors()
    for hour in hours:
        yield from _beside(factors.at(zone, hour * SECONDS_PER_HOUR), whole, zone, hour)


def _beside(figure: Intensity | None, whole: HourlyFiles, zone: str, hour: int) -> Figures:
    was = whole.at(zone, hour * SECONDS_PER_HOUR)
    if figure is not None and was is not None and not was.estimated:
        yield figure, was.mg_per_kwh


def _zones(folder: Path) -> dict[str, list[Path]]:
    """The first two years' files by zone."""
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.glob("*_20??.csv")):
        found.setdefault(file.stem.rpartition("_")[0], []).append(file)
    both = {zone: files[:2] for zone, files in found.items() if len(files) > 1}
    if not both:
        raise DataMissing(
            f"{folder} has no zone with two years: ZONE_YEAR.csv as Electricity Maps publishes them"
        )
    return both


def _folder(files: list[Path]) -> HourlyFiles:
    """A source over just these files."""
    with tempfile.TemporaryDirectory() as name:
        for file in files:
            (Path(name) / file.name).symlink_to(file.resolve())
        source = HourlyFiles(Path(name))
        for file in files:
            source.at(file.stem.rpartition("_")[0], 0.0)  # read while the folder is there
    return source


def _first_hour(file: Path) -> int:
    year = int(file.stem.rpartition("_")[2])
    return int(np.datetime64(f"{year}-01-01T00", "h").astype(int))
