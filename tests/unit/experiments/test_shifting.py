"""The study of waiting: it runs on small files, tells what it found, and judges policies by what really happens."""

from pathlib import Path

import numpy as np
import pytest

from scripts.experiments.grid_hours import grid_hours
from scripts.experiments.shifting import OURS, ZONES, run
from scripts.experiments.shifting_forecasts import FORECASTS, Past, perfect
from scripts.experiments.shifting_runs import Job, Judge, RunTimes, least_emitted, starts
from scripts.experiments.study import DataMissing, Options
from tests.support.grid_data import write_hours

CERTAIN = RunTimes(0.0, 0.0)


def _grams(hours: int, seed: int) -> list[float | None]:
    t = np.arange(hours)
    sun = np.maximum(0, np.sin((t % 24 - 6) * np.pi / 12))
    cloud = np.repeat(np.random.default_rng(seed).uniform(0.3, 1, hours // 24 + 1), 24)[:hours]
    return [float(v) for v in 300 - 200 * sun * cloud]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "carbon"
    folder.mkdir()
    for seed, zone in enumerate(ZONES):
        write_hours(folder / f"{zone}_2022.csv", zone, "2022-09-13", _grams(110 * 24, seed))
        write_hours(folder / f"{zone}_2023.csv", zone, "2023-01-01", _grams(30 * 24, seed + 10))
    return tmp_path


def test_study__small_files__has_a_row_for_each_policy_and_says_what_was_reached(data: Path):
    study = run(Options(data, quick=True))

    ours = [row for row in study.rows if row["forecast"] == OURS and row["zone"] == "ES"]
    assert 0 < ours[0]["saving_percent"] <= 60
    assert ours[0]["of_oracle_percent_low"] <= ours[0]["of_oracle_percent"] <= 100
    assert [row["of_oracle_percent"] for row in study.rows if row["forecast"] == "oracle"] == pytest.approx(
        [100, 100]
    )
    assert len(study.goals) == 3


def test_hours__file_or_hour_missing__says_which(data: Path):
    with pytest.raises(DataMissing, match="ES_2021"):
        grid_hours(data, "ES", (2021, 2022))
    with pytest.raises(DataMissing, match="an hour is missing"):
        grid_hours(data, "ES", (2023, 2022))


@pytest.mark.parametrize("name", [name for name in FORECASTS if name != "boosted trees"])
def test_forecasts__what_comes_later_is_changed__expect_the_same_before(name: str):
    values = np.array(_grams(140 * 24, 3), float)
    changed = values.copy()
    changed[3000:] *= 2

    one, other = (FORECASTS[name](Past(v, 455_832, 110 * 24)) for v in (values, changed))

    assert one[2700:3001] == pytest.approx(other[2700:3001])


def test_starts__perfect_knowledge__emit_what_the_oracle_does():
    values = np.array(_grams(20 * 24, 5), float)
    arrivals = np.arange(200, 300)
    job = Job(4, 24)
    begun = starts(perfect(Past(values, 0, 0)), arrivals, job, reserve_ppm=0)

    outcome = Judge(values, arrivals, job, CERTAIN, seed=1, draws=1).of(begun)

    assert outcome.of_oracle == pytest.approx(1)
    assert outcome.missed == 0
    assert (begun + 4 <= arrivals + 24).all()


def test_judge__run_times_longer_than_expected__counts_the_missed():
    values = np.ones(400)
    arrivals = np.arange(200, 210)
    judge = Judge(values, arrivals, Job(4, 24), RunTimes(0.0, 1.0, 1.6), seed=1, draws=1)

    assert judge.missed(arrivals + 20.0) == 1
    assert judge.missed(arrivals + 10.0) == 0


def test_judge__same_seed__same_outcome_and_another_seed_another():
    values, arrivals = np.array(_grams(20 * 24, 5), float), np.arange(200, 300)
    one, other, third = (
        Judge(values, arrivals, Job(4, 24), RunTimes(), seed, draws=2).of(arrivals + 3.0)
        for seed in (1, 1, 2)
    )

    assert one == other
    assert one.saving != third.saving


def test_oracle__no_slack__starts_at_once():
    values = np.arange(100.0)[::-1]
    arrivals = np.array([10])

    assert least_emitted(values, arrivals, np.array([4.0]), 4) == pytest.approx(values[10:14].sum())
