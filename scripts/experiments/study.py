"""What an experiment is told, and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
"""One line of a study's table: names of columns, in order, to numbers, text, booleans or None."""


def silent(_: str) -> None:
    """Progress that nobody reads."""


@dataclass(frozen=True)
class Options:
    """`data` is the folder with `carbon/*.csv` (hourly grid intensity); `quick` asks for a run of seconds that shows that
    a study works, not what it finds; `progress` takes lines for whoever waits.
    """

    data: Path
    seed: int = 1
    quick: bool = False
    progress: Callable[[str], None] = silent


class DataMissing(Exception):
    """A study's input is not where it was said to be."""


@dataclass(frozen=True)
class Goal:
    """What was promised beside what was reached, in `unit`. A goal with an interval (95 %) is met only where all of the
    interval lies beyond `beyond`, as promised differences must exclude zero. `why` says why a missed goal was missed.
    """

    what: str
    wanted: float
    reached: float
    unit: str = ""
    at_least: bool = True
    interval: tuple[float, float] | None = None
    beyond: float = 0.0
    why: str = ""

    @property
    def by(self) -> float:
        """How far on the good side of `wanted` it is; negative where missed."""
        return (self.reached - self.wanted) * (1 if self.at_least else -1)

    @property
    def met(self) -> bool:
        """Whether it was reached; never true of what is not a number."""
        if not self.by >= 0:
            return False
        if self.interval is None:
            return True
        low, high = self.interval
        return low > self.beyond if self.at_least else high < self.beyond

    def row(self) -> dict[str, Any]:
        """As a line of a table of goals."""
        return {
            "goal": self.what,
            "wanted": f"{'≥' if self.at_least else '≤'} {self.wanted:g} {self.unit}".rstrip(),
            "reached": f"{self.reached:.4g} {self.unit}".rstrip(),
            "interval": None
            if self.interval is None
            else f"{self.interval[0]:.4g} to {self.interval[1]:.4g}",
            "met": self.met,
            "by": round(self.by, 6) + 0.0,
            "why": self.why,
        }


@dataclass(frozen=True)
class Chart:
    """How rows become a picture: `label` names the column along the axis, `values` the columns drawn. Bars that lie, or
    lines where `label` holds numbers. A value's `low` and `high` columns, where rows have them (`NAME_low`, `NAME_high`), become
    its error bar. `rows` are drawn in place of the study's, where those would not make a picture.
    """

    label: str
    values: Sequence[str]
    lines: bool = False
    log_x: bool = False
    log_y: bool = False
    y_title: str = ""
    rows: Sequence[Row] = ()


@dataclass(frozen=True)
class Study:
    """What a study found. `config` holds everything that, with the seed and the commit, makes the run again; `notes` are
    sentences printed under the table; without a chart the first column of numbers is drawn.
    """

    name: str
    config: Mapping[str, Any]
    rows: Sequence[Row]
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = ()
    chart: Chart | None = None
    title: str = ""
    hidden: frozenset[str] = field(default_factory=frozenset)
    """Columns that JSON and CSV have and printed tables leave out."""
