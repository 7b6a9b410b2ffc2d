"""The API's adapter against a server that speaks what Electricity Maps documents."""

from collections.abc import Iterator

import pytest
import structlog

from backend.adapters.intensity import ElectricityMaps
from backend.adapters.intensity.source import AHEAD_BAND_PPM, ESTIMATED_BAND_PPM, MEASURED_BAND_PPM
from backend.domain.intensity import hour_of
from tests.support.clock import ManualClock
from tests.support.grid_data import GridServer, entry, forecast, grid_server, unix

NOW = unix("2026-05-06T10:20")
TOKEN = "tok-5f2c-secret"


@pytest.fixture
def grid() -> Iterator[GridServer]:
    with grid_server() as server:
        yield server


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def api(grid: GridServer, clock: ManualClock) -> ElectricityMaps:
    return ElectricityMaps(TOKEN, clock, grid.url)


def day(zone: str = "DE") -> dict[str, object]:
    """The last 24 hours, 300 g and one more each hour, the newest one an estimate."""
    hours = range(-24, 0)
    return {
        "zone": zone,
        "history": [entry(zone, NOW // 3600 * 3600 + 3600 * h, 300 - h, h == -1) for h in hours],
    }


def test_at__history_and_latest__are_figures_by_hour(grid, api):
    grid.routes["history"] = (200, day())
    grid.routes["latest"] = (200, entry("DE", NOW // 3600 * 3600, 222.5))
    now, earlier, estimated = (api.at("DE", NOW + 3600 * h) for h in (0, -5, -1))
    assert (now.mg_per_kwh, now.hour, now.band_ppm) == (222_500, hour_of(NOW), MEASURED_BAND_PPM)
    assert earlier.mg_per_kwh == 305_000
    assert (estimated.estimated, estimated.band_ppm) == (True, ESTIMATED_BAND_PPM)
    assert {token for _, _, token in grid.asked} == {TOKEN}
    assert api.at("DE", NOW - 30 * 3600) is None


def test_at__asked_again_soon__is_answered_from_what_was_heard(grid, api, clock):
    grid.routes["history"] = (200, day())
    api.at("DE", NOW)
    api.at("DE", NOW)
    assert [endpoint for endpoint, _, _ in grid.asked] == ["history", "latest"]
    clock.advance(700)
    api.at("DE", NOW)
    assert len([e for e, _, _ in grid.asked if e == "history"]) == 2


def test_at__the_newest_figure_is_an_hour_old__stands_for_now_and_says_so(grid, api):
    grid.routes["history"] = (200, day())
    figure = api.at("DE", NOW)
    assert (figure.mg_per_kwh, figure.estimated) == (301_000, True)
    assert "newest figure" in figure.source


def test_ahead__the_plan_has_forecasts__is_the_forecast(grid, api):
    grid.routes["forecast"] = (200, forecast("DE", NOW, [100.0 + h for h in range(25)]))
    figures = api.ahead("DE", NOW, 24)
    assert [f.mg_per_kwh for f in figures] == [100_000 + 1000 * h for h in range(24)]
    assert {f.source for f in figures} == {"Electricity Maps API v3: forecast"}
    assert figures[0].dated == "2026-05-06T10:20:00"
    assert figures[0].band_ppm == AHEAD_BAND_PPM
    assert ("forecast", {"zone": "DE", "horizonHours": "48"}, TOKEN) in grid.asked


def test_ahead__the_plan_has_none__is_expected_from_the_day_before_and_not_asked_again(grid, api, clock):
    grid.routes["history"] = (200, day())
    grid.routes["forecast"] = (403, {"error": "not in your plan"})
    figures = api.ahead("DE", NOW, 24)
    assert len(figures) == 24
    assert {f.source for f in figures} == {"Electricity Maps API v3: expected from the hours before"}
    clock.advance(700)
    api.ahead("DE", NOW + 700, 24)
    assert len([e for e, _, _ in grid.asked if e == "forecast"]) == 1


def test_ahead__another_time_than_now__is_not_answered(api):
    assert api.ahead("DE", NOW - 90_000, 24) is None


@pytest.mark.parametrize(
    "answer",
    [
        (401, {"error": "Invalid auth-token"}),
        (429, {"error": "too many"}),
        (500, b"<html>"),
        (200, b"not json"),
        (200, ["a", "list"]),
        (200, {"zone": "DE", "history": "none"}),
        (
            200,
            {
                "zone": "DE",
                "history": [{"carbonIntensity": "lots", "datetime": "2026-05-06T10:00Z"}, 3, None],
            },
        ),
        (
            200,
            {"zone": "DE", "history": [entry("DE", NOW, -1.0), entry("FR", NOW, 5.0), entry("DE", NOW, 1e9)]},
        ),
        (302, {}),
    ],
)
def test_at__whatever_is_not_a_figure__is_none_and_keeps_the_secret(grid, api, answer):
    with structlog.testing.capture_logs() as logs:
        grid.routes["history"] = grid.routes["latest"] = grid.routes["forecast"] = answer
        assert api.at("DE", NOW) is None
        assert api.ahead("DE", NOW, 3) is None
    assert TOKEN not in str(logs)
    assert "elsewhere" not in {endpoint for endpoint, _, _ in grid.asked}


def test_at__nobody_listens__is_none(clock):
    with grid_server() as gone:
        url = gone.url
    assert ElectricityMaps(TOKEN, clock, url).at("DE", NOW) is None
