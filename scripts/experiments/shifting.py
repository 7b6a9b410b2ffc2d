"""What waiting for cleaner hours saves: jobs with a deadline in Spain and California, tuned on 2022, judged on 2023."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.energy.shifting import HOUR_SECONDS, best_start, reserve_for
from scripts.experiments.grid_hours import GridHours, grid_hours
from scripts.experiments.shifting_forecasts import (
    DAY,
    FORECASTS,
    Past,
    perfect,
    ridge_left_out,
)
from scripts.experiments.shifting_runs import Job, Judge, RunTimes, Saved, starts
from scripts.experiments.study import Chart, Goal, Options, Row, Study

ZONES = ("ES", "US-CAL-CISO")
TUNED, JUDGED = 2022, 2023
MAIN = Job(4, 24)
OTHERS = (Job(1, 24), Job(2, 24), Job(8, 24), Job(4, 8), Job(4, 12), Job(4, 36), Job(12, 36))
OURS = "ridge, fitted monthly"
ORACLE = "oracle"
WANTED_OF_ORACLE, WANTED_MISSED = 0.9, 0.001
OVERRUN_PPM = (20_000, 15_000, 10_000, 7_000, 5_000, 3_000, 2_000, 1_000)
"""Shares of jobs that may overrun the reserve, tried in this order on the year that is tuned on."""
TUNED_MISSED = 0.75 * WANTED_MISSED
HARDER = RunTimes(sigma=0.15, struck=0.02, longest=1.8)
DRAWS = 5
CHECKED = 200
WARM_UP_HOURS, SPARE_HOURS = 10 * DAY, 4 * DAY

Array = npt.NDArray[np.float64]


def run(options: Options) -> Study:
    """Every policy on the main job, ours on the others."""
    run_times = RunTimes()
    draws = 1 if options.quick else DRAWS
    rows: list[Row] = []
    goals: list[Goal] = []
    worst = 0.0
    for zone in ZONES:
        grid = grid_hours(options.data, zone, (TUNED, JUDGED))
        options.progress(f"shifting: {zone}")
        of = _Zone(grid, run_times, options.seed, draws)
        main = of.judged(OURS, MAIN)
        rows += _main_rows(of, main, options.quick)
        others = [of.judged(OURS, job) for job in (OTHERS[:1] if options.quick else OTHERS)]
        rows += others
        worst = max([worst, *(row["missed_percent"] for row in (main, *others))])
        goals.append(_saving_goal(zone, main))
        of.check_live_decisions()
    goals.append(
        Goal("deadlines missed, the worst job above", 100 * WANTED_MISSED, worst, "%", at_least=False)
    )
    return Study(
        "shifting",
        {
            "zones": ZONES,
            "tuned_on": TUNED,
            "judged_on": JUDGED,
            "run_times": asdict(run_times),
            "harder_run_times": asdict(HARDER),
            "draws_of_run_times": draws,
            "forecast": OURS,
        },
        rows,
        goals,
        notes=(
            "Intensity is known up to the hour before the one that begins. Intervals (95 %): weeks drawn again.",
            f"{CHECKED} decisions a zone were made again by `backend.energy.shifting.best_start`, with the same outcome.",
        ),
        chart=Chart("forecast", ZONES, y_title="% of the oracle's saving", rows=_drawn(rows)),
        title="Waiting for cleaner hours: 4 h within 24 h",
    )


def _main_rows(of: _Zone, ours: Row, quick: bool) -> list[Row]:
    names = [name for name in FORECASTS if name != OURS and not (quick and name == "boosted trees")]
    return [
        *(of.judged(name, MAIN) for name in names),
        ours,
        of.judged(OURS, MAIN, again=False),
        of.judged(OURS, MAIN, run_times=HARDER),
        of.judged(ORACLE, MAIN),
    ]


def _drawn(rows: Sequence[Row]) -> list[Row]:
    """The main job's rows, zones side by side."""
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        if (row["job_hours"], row["deadline_hours"]) == (MAIN.hours, MAIN.deadline):
            drawn = found.setdefault(row["forecast"], {"forecast": row["forecast"]})
            sides = {side: row[f"of_oracle_percent{side}"] for side in ("", "_low", "_high")}
            drawn |= {f"{row['zone']}{side}": value for side, value in sides.items()}
    return list(found.values())


def _saving_goal(zone: str, row: Row) -> Goal:
    interval = (row["of_oracle_percent_low"], row["of_oracle_percent_high"])
    return Goal(
        f"{zone}: of the oracle's saving, 4 h within 24 h",
        100 * WANTED_OF_ORACLE,
        row["of_oracle_percent"],
        "%",
        interval=interval,
        why="" if row["of_oracle_percent"] >= 100 * WANTED_OF_ORACLE else "The forecast is not good enough.",
    )


class _Zone:
    """One zone's two years, what is expected at each hour, and the reserve that its first year asks for."""

    def __init__(self, grid: GridHours, run_times: RunTimes, seed: int, draws: int) -> None:
        self._grid, self._run_times, self._seed, self._draws = grid, run_times, seed, draws
        self._until = grid.starts[JUDGED]
        self._past = Past(grid.g_per_kwh, grid.first, self._until)
        self._expected: dict[str, Array] = {ORACLE: perfect(self._past)}
        self._judges: dict[tuple[int, Job, RunTimes], Judge] = {}
        self._left_out = ridge_left_out(grid.g_per_kwh[: self._until], grid.first)
        self._tuned_on = np.arange(WARM_UP_HOURS, self._until - SPARE_HOURS)
        self._arrivals = np.arange(self._until, len(grid.g_per_kwh) - SPARE_HOURS)

    def judged(
        self, policy: str, job: Job, again: bool = True, run_times: RunTimes | None = None
    ) -> dict[str, Any]:
        """A row: the policy's jobs of the year that is judged."""
        times = RunTimes(0.0, 0.0) if policy == ORACLE else run_times or self._run_times
        reserve = 0 if policy == ORACLE else self._reserve(job, times)
        begun = starts(self._forecast(policy), self._arrivals, job, reserve, again)
        told = policy + ("" if again else ", decided once") + (", harder run times" if run_times else "")
        return _row(self._grid.zone, job, told, self._judge(self._arrivals, job, times).of(begun), reserve)

    def check_live_decisions(self) -> None:
        """The decisions above are made for many jobs at a time: some of them again by the function that the dispatcher calls."""
        reserve = self._reserve(MAIN, self._run_times)
        expected = self._forecast(OURS)
        some = np.random.default_rng(self._seed).choice(self._arrivals, CHECKED)
        for arrival, begun in zip(some, starts(expected, some, MAIN, reserve), strict=True):
            now, deadline = float(arrival * HOUR_SECONDS), (arrival + MAIN.deadline) * HOUR_SECONDS
            while True:
                start = best_start(
                    expected[int(now // HOUR_SECONDS)].tolist(),
                    now=now,
                    seconds=MAIN.hours * HOUR_SECONDS,
                    deadline=deadline,
                    reserve_ppm=reserve,
                )
                if start.at == now:
                    break
                now = start.again_at
            if abs(now / HOUR_SECONDS - begun) > 1e-6:
                raise AssertionError(
                    f"A job of hour {arrival} starts at {begun} here, at {now / HOUR_SECONDS} live."
                )

    def _forecast(self, policy: str) -> Array:
        if policy not in self._expected:
            self._expected[policy] = FORECASTS[policy](self._past)
        return self._expected[policy]

    def _judge(self, arrivals: npt.NDArray[Any], job: Job, run_times: RunTimes) -> Judge:
        key = (int(arrivals[0]), job, run_times)
        if key not in self._judges:
            seed = self._seed + int(arrivals[0])
            values = self._grid.g_per_kwh
            self._judges[key] = Judge(values, arrivals, job, run_times, seed, self._draws)
        return self._judges[key]

    def _reserve(self, job: Job, run_times: RunTimes) -> int:
        """The least reserve (ppm), of those that run times let expect, with which jobs of the year that is tuned on missed no more
        often than `TUNED_MISSED`.
        """
        earlier = run_times.ratios(np.random.default_rng(self._seed), len(self._tuned_on)).tolist()
        judge = self._judge(self._tuned_on, job, run_times)
        reserve = 0
        for overrun in OVERRUN_PPM:
            reserve = reserve_for(earlier, overrun)
            if judge.missed(starts(self._left_out, self._tuned_on, job, reserve)) <= TUNED_MISSED:
                break
        return reserve


def _row(zone: str, job: Job, policy: str, outcome: Saved, reserve: int) -> dict[str, Any]:
    return {
        "zone": zone,
        "job_hours": job.hours,
        "deadline_hours": job.deadline,
        "forecast": policy,
        **_percent("saving", outcome.saving, outcome.saving_interval),
        **_percent("of_oracle", outcome.of_oracle, outcome.of_oracle_interval),
        "missed_percent": 100 * outcome.missed,
        "waited_hours": outcome.waited,
        "reserve_percent": reserve / 10_000,
    }


def _percent(name: str, value: float, interval: Sequence[float]) -> dict[str, float]:
    low, high = interval
    return {
        f"{name}_percent": 100 * value,
        f"{name}_percent_low": 100 * low,
        f"{name}_percent_high": 100 * high,
    }
