"""What a folder of hourly files says, and what it says where it has no row."""

from pathlib import Path

import pytest

from backend.adapters.intensity import HourlyFiles
from backend.adapters.intensity.source import MEASURED_BAND_PPM, STAND_IN_BAND_PPM
from backend.domain.intensity import hour_of
from backend.errors import Invalid
from tests.support.grid_data import HEADER, unix, write_hours

DAY = [float(100 + hour) for hour in range(24)]


def files(folder: Path, *days: str, zone: str = "ES") -> HourlyFiles:
    """A zone's file for each day: the hour of the day plus 100 g."""
    for day in days:
        write_hours(folder / f"{zone}_{day}.csv", zone, f"{day}T00:00", list(DAY))
    return HourlyFiles(folder)


def test_at__a_row_of_the_hour__is_the_life_cycle_figure_in_milligrams(tmp_path):
    figure = files(tmp_path, "2023-05-03").at("ES", unix("2023-05-03T13:59:59"))
    assert figure is not None
    assert (figure.mg_per_kwh, figure.estimated, figure.band_ppm) == (113_000, False, MEASURED_BAND_PPM)
    assert "entsoe.eu" in figure.source
    assert figure.dated == "2023-05-03T13:00Z"


def test_at__direct_column_wanted__is_half_of_it(tmp_path):
    files(tmp_path, "2023-05-03")
    figure = HourlyFiles(tmp_path, direct=True).at("ES", unix("2023-05-03T13:00"))
    assert figure is not None
    assert figure.mg_per_kwh == 56_500


@pytest.mark.parametrize(
    ("asked", "stand_in"),
    [
        ("2026-05-06", "2023-05-03"),  # both a Wednesday
        ("2024-02-29", "2023-03-02"),  # both a Thursday; 2023 has no 29th
        ("2027-01-01", "2023-01-06"),  # a Friday whose nearest like would lie in 2022
        ("2028-12-31", "2023-12-31"),  # Sundays
    ],
)
def test_at__a_year_without_file__the_nearest_like_weekday_stands_in_and_is_named(tmp_path, asked, stand_in):
    figure = files(tmp_path, stand_in).at("ES", unix(f"{asked}T07:30"))
    assert figure is not None
    assert (figure.hour, figure.mg_per_kwh) == (hour_of(unix(f"{asked}T07:00")), 107_000)
    assert f"{stand_in}T07:00Z stands in for {asked}T07:00Z" in figure.source
    assert (figure.dated, figure.estimated) == (f"{stand_in}T07:00Z", True)
    assert figure.band_ppm == STAND_IN_BAND_PPM


def test_at__two_other_years__the_newer_stands_in(tmp_path):
    figure = files(tmp_path, "2022-05-04", "2023-05-03").at("ES", unix("2026-05-06T00:00"))
    assert figure is not None
    assert figure.dated.startswith("2023-05-03")


def test_at__a_row_without_a_figure__another_year_stands_in_or_nothing(tmp_path):
    write_hours(tmp_path / "a.csv", "ES", "2023-05-03T00:00", [None, 50.0])
    alone = HourlyFiles(tmp_path)
    assert alone.at("ES", unix("2023-05-03T00:00")) is None
    write_hours(tmp_path / "b.csv", "ES", "2022-05-04T00:00", [70.0])
    figure = HourlyFiles(tmp_path).at("ES", unix("2023-05-03T00:00"))
    assert figure is not None
    assert figure.mg_per_kwh == 70_000


def test_ahead__replaying_a_year__never_reads_what_comes_after(tmp_path):
    write_hours(tmp_path / "a.csv", "ES", "2023-05-03T00:00", DAY + [999.0] * 24)
    replayed = HourlyFiles(tmp_path).ahead("ES", unix("2023-05-04T00:00"), 24)
    assert replayed is not None
    assert [f.mg_per_kwh for f in replayed] == [100_000 + 1000 * hour for hour in range(24)]


def test_ahead__this_morning_differs_from_yesterdays__moves_the_next_hours_and_less_the_later_ones(tmp_path):
    write_hours(tmp_path / "a.csv", "ES", "2023-05-03T00:00", [100.0] * 24 + [150.0] * 6)
    figures = HourlyFiles(tmp_path).ahead("ES", unix("2023-05-04T06:00"), 18)
    assert figures is not None
    expected = [100_000 + 50_000 * 0.9 ** (later + 1) for later in range(18)]
    assert [f.mg_per_kwh for f in figures] == pytest.approx(expected, abs=1)


def test_ahead__a_year_that_no_file_has__is_said_to_rest_on_stand_ins(tmp_path):
    write_hours(tmp_path / "a.csv", "ES", "2023-05-02T00:00", DAY * 3)
    figures = HourlyFiles(tmp_path).ahead("ES", unix("2026-05-06T00:00"), 2)
    assert figures is not None
    assert "another year" in figures[0].source
    assert figures[0].band_ppm == STAND_IN_BAND_PPM


def test_ahead__only_later_years_in_the_file__are_not_looked_into(tmp_path):
    write_hours(tmp_path / "a.csv", "ES", "2023-05-02T00:00", DAY * 3)
    assert HourlyFiles(tmp_path).ahead("ES", unix("2022-05-04T00:00"), 2) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a,b\n1,2\n", "intensity.file"),
        (HEADER.replace("(LCA)", "(?)") + "\n2023-01-01 00:00:00,Spain,Spain,ES,1,2,,,x,false,\n", None),
        (HEADER + "\nyesterday,Spain,Spain,ES,1,2,,,x,false,\n", None),
        (HEADER + "\n2023-01-01 00:00:00,Spain,Spain,ES,1,lots,,,x,false,\n", None),
        (HEADER + "\n2023-01-01 00:00:00,Spain,Spain,ES,1,-2,,,x,false,\n", None),
        (HEADER + "\n2023-01-01 00:00:00,Spain,Spain,ES,1,inf,,,x,false,\n", None),
        (
            HEADER
            + "\n2023-01-01 00:00:00,S,S,ES,1,2,,,x,false,\n2023-01-01 00:00:00,F,F,FR,1,2,,,x,false,\n",
            None,
        ),
    ],
)
def test_files__of_another_form__are_refused_in_one_sentence(tmp_path, text, code):
    (tmp_path / "odd.csv").write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as refusal:
        HourlyFiles(tmp_path).at("ES", unix("2023-01-01T00:00"))
    assert refusal.value.code == "intensity.file"
    assert "odd.csv" in refusal.value.message


def test_folder__that_is_none__is_refused(tmp_path):
    with pytest.raises(Invalid, match="is not a folder"):
        HourlyFiles(tmp_path / "missing")


def test_ahead__a_season_of_past__is_learned_from_and_sees_the_weekend_coming(tmp_path):
    # Working days of 300 g, weekends of 100 g: yesterday says 300 for a Saturday.
    hours = [300.0 if (hour // 24 + 5) % 7 < 5 else 100.0 for hour in range(24 * 120)]  # from a Saturday on
    write_hours(tmp_path / "a.csv", "ES", "2022-01-01T00:00", hours + [900.0] * 48)
    saturday = HourlyFiles(tmp_path).ahead("ES", unix("2022-04-30T00:00"), 24)
    assert saturday is not None
    assert max(f.mg_per_kwh for f in saturday) < 150_000


def test_ahead__replaying_with_another_future__expects_the_same(tmp_path):
    past = [200.0 + 50 * (hour % 24 > 8) for hour in range(24 * 100)]
    told = []
    for name, future in (("a", 50.0), ("b", 800.0)):
        folder = tmp_path / name
        folder.mkdir()
        write_hours(folder / "a.csv", "ES", "2022-01-01T00:00", [*past, *[future] * 24 * 60])
        told.append(HourlyFiles(folder).ahead("ES", unix("2022-04-11T00:00"), 49))
    assert told[0] == told[1]
    assert len(told[0]) == 49
