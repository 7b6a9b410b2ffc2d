"""The energy studies run from small files of the real form, write every form, and say when data is missing."""

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pvlib  # noqa: F401 - its HTTP library tries a socket when it is first imported, which a unit test must not
import pytest
import windpowerlib  # noqa: F401

from scripts.experiments import __main__ as runner
from scripts.experiments import replay_model, replay_track, report, world
from scripts.experiments.honest_setting import MEASURED_INT8
from scripts.experiments.intervals import of_mean, of_one_run, saved
from scripts.experiments.study import Options

COLUMNS = (
    "Datetime (UTC)",
    "Zone Id",
    "Carbon Intensity gCO₂eq/kWh (direct)",
    "Carbon Intensity gCO₂eq/kWh (LCA)",
)
STUDIES = ("replay-track", "honest-track", "honest-ablation", "scalability")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two zones, two years: a wave a day."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "carbon").mkdir()
    for zone, mean in (("US-CAL-CISO", 260), ("ES", 160)):
        for year in (2022, 2023):
            begin = datetime(year, 1, 1, tzinfo=UTC)
            with (folder / "carbon" / f"{zone}_{year}.csv").open("w", encoding="utf-8", newline="") as out:
                lines = csv.writer(out)
                lines.writerow(COLUMNS)
                for hour in range(8760):
                    grams = mean + 40 * np.sin(hour * np.pi / 12)
                    lines.writerow([f"{begin + timedelta(hours=hour):%Y-%m-%d %H:%M:%S}", zone, grams, grams])
    return folder


def test_main__quick__every_study_writes_all_four_forms(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    arguments = ["--quick", "--json", "--data", str(data), "--folder", str(tmp_path), "--only", *STUDIES]

    status = runner.main(arguments)

    told = capsys.readouterr()
    assert status == 0, told.err
    for name in STUDIES:
        assert {p.suffix for p in tmp_path.glob(f"{name}.*")} == {".json", ".csv", ".tex", ".png"}, name
    found = {study["study"]: study for study in json.loads(told.out)}
    track = {row["policy"]: row for row in found["honest-track"]["rows"]}
    assert (
        track["ours"]["kWh a day"]
        < track["source's score + sleep"]["kWh a day"]
        < track["Standard"]["kWh a day"]
    )
    assert len({row["tasks"] for row in track.values()}) == 1
    assert all(
        row["told is inside"] is None or "of 4" in row["told is inside"]
        for row in found["replay-track"]["rows"]
    )


def test_forecast__another_future__says_the_same_of_the_hours_before_it(data: Path):
    sites = (world.Site("s", world.GREENSBORO, "ES", 50, 0), world.Site("w", world.SAND_POINT, "ES", 0, 45))
    known = world.world(data, 2023, sites)
    hour = 4000
    other = world.World(known.site_w.copy(), known.g_per_kwh.copy())
    other.site_w[:, hour:] *= 0.5
    other.g_per_kwh[:, hour:] += 500

    one, two = (world.forecast(data, 2023, seen, sites) for seen in (known, other))

    assert (one.g_per_kwh[:, : hour + 1] == two.g_per_kwh[:, : hour + 1]).all()
    assert (one.g_per_kwh[:, hour + 1] != two.g_per_kwh[:, hour + 1]).all()


def test_world__a_year__yields_what_the_sites_are_built_for(data: Path):
    known = world.world(data, 2023)

    assert known.site_w.mean(axis=1) == pytest.approx([50, 45, 60, 0])
    assert known.site_w.min() >= 0
    by_hour = known.site_w[0].reshape(365, 24).mean(axis=0)
    assert 16 <= int(by_hour.argmax()) <= 19  # noon in Greensboro, in UTC


def test_int8__what_the_honest_track_assumes__is_what_the_bench_measured():
    measured = json.loads(
        (report.ROOT / "docs" / "benchmarks" / "compression.json").read_text(encoding="utf-8")
    )
    form = {r["form"]: r["batch_1"] for r in measured["rows"] if (r["data"], r["model"]) == ("mnist", "cnn")}
    quicker = form["int8"]["microseconds_per_1000"] / form["float32"]["microseconds_per_1000"]

    assert pytest.approx(1e6 * quicker, abs=1000) == MEASURED_INT8.seconds_ppm
    assert pytest.approx(1e6 * form["int8"]["energy_ratio"], abs=1000) == MEASURED_INT8.millijoules_ppm


def test_replay__its_table__is_inside_single_runs_intervals():
    study = replay_track.run(Options(Path(), seed=1))

    assert [goal.met for goal in study.goals] == [True] * 5
    assert study.goals[0].reached == 24


def test_replay__least_energy__is_the_pinned_node():
    node, clock = replay_model.least_energy(0.54 / 0.9 / 1.8)

    assert (node.name, round(clock, 6)) == ("wind", 0.9)


def test_intervals__known_values__are_met():
    one = of_mean([1.0, 2.0, 3.0])

    assert (one.mean, one.high - one.mean) == (2.0, pytest.approx(4.3027 / 3**0.5, rel=1e-4))
    assert of_one_run([1.0, 2.0, 3.0]).high - 2 == pytest.approx(4.3027 * (4 / 3) ** 0.5, rel=1e-4)
    assert np.isnan(of_mean([1.0]).low)


def test_saved__the_same_share_in_every_block__has_no_width():
    share = saved([1.0, 2.0, 3.0], [4.0, 8.0, 12.0])

    assert share.mean == pytest.approx(0.75)
    assert share.high - share.low == pytest.approx(0, abs=1e-12)
