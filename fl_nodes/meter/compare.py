"""CodeCarbon in process mode beside our own model: the same work again and again under both at once.

Under both at once, because a busy machine makes the same work cost more CPU time in one run than in the next: then both see it.
"""

from __future__ import annotations

import io
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Any

import numpy as np

from fl_nodes.meter.model import ModelCounter, resident_bytes

JOULES_PER_KWH = 3.6e6
NUMBERS, PASSES = 1_000_000, 60
AS_GOOD = 1.1
"""So much more variation is as good: then the one that costs less is taken."""

OURS, CODECARBON = "model", "codecarbon"


@dataclass(frozen=True)
class Run:
    """One run of the work under both: joules each, CPU and wall seconds."""

    joules: Mapping[str, float]
    cpu_seconds: float
    wall_seconds: float


def fixed_work() -> None:
    """The same arithmetic every time, on one thread: several would wait for each other by spinning, longer on a busy machine."""
    a = np.linspace(0.1, 1.0, NUMBERS)
    for _ in range(PASSES):
        a = np.sqrt(np.sin(a) + 1.0)


def runs(count: int, work: Callable[[], None] = fixed_work) -> Iterator[Run]:
    """The work `count` times, after once for warming up, under both."""
    work()
    counter = ModelCounter()
    for _ in range(count):
        with _codecarbon() as drawn:
            begin, wall, cpu = counter.mark(), time.perf_counter(), time.process_time()
            work()
            spent = time.process_time() - cpu, time.perf_counter() - wall
            ours = counter.between(begin, counter.mark()).joules
        yield Run({OURS: ours, CODECARBON: drawn[0]}, *spent)


def figures(found: Sequence[Run]) -> dict[str, Any]:
    """Variation of each, how far apart they are, and which one repeats better. ValueError for fewer than two runs."""
    if len(found) < 2:
        raise ValueError("repeatability takes two runs or more")
    said: dict[str, Any] = {
        name: {
            "mean_joules": fmean(joules),
            "coefficient_of_variation": _variation(joules),
            # The same work takes more CPU time beside other work; this is what the estimator adds to that.
            "per_cpu_second": _variation([j / run.cpu_seconds for j, run in zip(joules, found, strict=True)]),
        }
        for name in (OURS, CODECARBON)
        for joules in [[run.joules[name] for run in found]]
    }
    ratios = [run.joules[CODECARBON] / run.joules[OURS] for run in found if run.joules[OURS] > 0]
    said["codecarbon_over_model"] = {"mean": fmean(ratios), "coefficient_of_variation": _variation(ratios)}
    said["cpu_seconds"] = {
        "mean": fmean(run.cpu_seconds for run in found),
        "coefficient_of_variation": _variation([run.cpu_seconds for run in found]),
    }
    mine, theirs = (said[name]["per_cpu_second"] for name in (OURS, CODECARBON))
    said["choice"] = OURS if mine <= theirs * AS_GOOD else CODECARBON
    return said | {"runs": len(found)}


def _variation(values: Sequence[float]) -> float:
    mean = fmean(values)
    return stdev(values) / mean if mean > 0 else math.inf


@contextmanager
def _codecarbon() -> Iterator[list[float]]:
    """Meter what happens inside; the joules are there afterwards. Nothing is written or asked of anybody.

    Memory is set to what our model takes for it: CodeCarbon's own constant is for a whole machine.
    """
    from codecarbon import OfflineEmissionsTracker

    drawn: list[float] = []
    memory_watts = resident_bytes() / 2**30 * ModelCounter().memory_watts_per_gib
    logging.getLogger("codecarbon").setLevel(logging.CRITICAL)
    with redirect_stdout(io.StringIO()):
        tracker = OfflineEmissionsTracker(
            country_iso_code="ESP",  # it wants one; only its energy is read
            tracking_mode="process",
            force_mode_cpu_load=True,
            force_ram_power=memory_watts,
            measure_power_secs=1,
            save_to_file=False,
            save_to_logger=False,
            log_level="critical",
            allow_multiple_runs=True,
        )
        tracker.start()
    yield drawn
    with redirect_stdout(io.StringIO()):
        tracker.stop()
    drawn.append(tracker.final_emissions_data.energy_consumed * JOULES_PER_KWH)
