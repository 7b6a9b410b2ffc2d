"""A meter that plays a recording: tests and studies need no counters."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from fl_nodes.meter.port import Count, reading
from fl_nodes.protocol.tasks import EnergyReading


def read_recording(path: Path) -> tuple[Count, ...]:
    """Windows from a CSV with the columns joules, kind, band_ppm, method, seconds."""
    with path.open(newline="", encoding="utf-8") as file:
        return tuple(
            Count(
                float(row["joules"]), row["kind"], int(row["band_ppm"]), row["method"], float(row["seconds"])
            )
            for row in csv.DictReader(file)
        )


@dataclass
class ReplayMeter:
    """Gives the recorded windows in order; StopIteration after the last."""

    windows: tuple[Count, ...]
    method: str = "recording"
    _next: Iterator[Count] = field(init=False)

    def __post_init__(self) -> None:
        self._next = iter(self.windows)

    def begin_window(self) -> None:
        """Nothing to start."""

    def end_window(self) -> EnergyReading:
        """The next recorded window."""
        return reading(next(self._next))
