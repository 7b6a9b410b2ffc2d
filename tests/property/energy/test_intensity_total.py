"""Whatever hour is asked for, there is a figure: leap days, changes to summer time, gaps, years no file has."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.adapters.intensity import HourlyFiles, PreferredIntensities, YearlyFactors
from backend.domain.intensity import hour_of
from backend.energy.intensity_ahead import expected
from tests.support.grid_data import unix, write_hours

MOMENTS = st.floats(unix("2018-01-01"), unix("2032-12-31")).map(
    lambda at: datetime.fromtimestamp(at, UTC)
) | st.sampled_from(
    [
        datetime.fromisoformat(text).replace(tzinfo=UTC)
        for text in (
            "2024-02-29T12:00",
            "2023-03-26T01:00",
            "2023-10-29T01:30",
            "2022-12-31T23:59",
            "2028-02-29T00:00",
        )
    ]
)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> PreferredIntensities:
    folder = tmp_path_factory.mktemp("grid")
    for year, missing in ((2022, 97), (2023, 101)):
        hours = [None if hour % missing < 9 else 100.0 + hour % 24 for hour in range(8760)]
        write_hours(folder / f"ES_{year}.csv", "ES", f"{year}-01-01T00:00", hours)
    return PreferredIntensities([HourlyFiles(folder), YearlyFactors()])


@given(moment=MOMENTS)
def test_at__any_hour__has_a_figure_that_says_where_it_is_from(chain, moment):
    figure = chain.at("ES", moment.timestamp())
    assert figure.hour == hour_of(moment.timestamp())
    assert 0 < figure.mg_per_kwh < 1_000_000
    assert figure.source
    assert figure.dated
    if figure.resolution == "hourly":
        assert figure.mg_per_kwh == 1000 * (100 + moment.hour)


@settings(max_examples=25)
@given(moment=MOMENTS, hours=st.integers(1, 72))
def test_ahead__any_hour__is_whole_and_not_negative(chain, moment, hours):
    figures = chain.ahead("ES", moment.timestamp(), hours)
    assert [f.hour - hour_of(moment.timestamp()) for f in figures] == list(range(hours))
    assert all(f.mg_per_kwh >= 0 for f in figures)


@given(
    history=st.dictionaries(st.integers(0, 400), st.floats(0, 2000), max_size=60),
    future=st.dictionaries(st.integers(200, 400), st.floats(0, 2000), max_size=60),
)
def test_expected__another_future__changes_nothing(history, future):
    def one(hour: int) -> float | None:
        return history.get(hour)

    def other(hour: int) -> float | None:
        return future.get(hour) if hour >= 200 else history.get(hour)

    assert expected(one, 200, 30) == expected(other, 200, 30)


def test_bounds__hours_either_side_of_a_file__stand_in(chain):
    assert "stands in" in chain.at("ES", unix("2024-01-01T12:00")).source
