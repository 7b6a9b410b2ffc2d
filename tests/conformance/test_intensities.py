"""`ports.Intensities`."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from backend.adapters.intensity import ElectricityMaps, HourlyFiles, PreferredIntensities, YearlyFactors
from backend.adapters.memory import MemoryIntensities
from backend.domain.intensity import HOURLY, WORLD, hour_of
from backend.ports import Intensities
from tests.support.clock import ManualClock
from tests.support.grid_data import entry, grid_server, unix, write_hours

NOW = unix("2023-03-26T01:30")
START = unix("2023-03-25T00:00")
GRAMS = [100.0 + 5 * (hour % 24) for hour in range(26)]
"""Two days' hours of ES from START to the one that NOW lies in: each later than yesterday's like."""


@pytest.fixture(params=["memory", "files", "api"])
def intensities(request: pytest.FixtureRequest, tmp_path) -> Iterator[Intensities]:
    first = hour_of(START)
    if request.param == "memory":
        hours = {first + later: round(g * 1000) for later, g in enumerate(GRAMS)}
        yield MemoryIntensities({"FR": 56_039}, {"ES": hours})
    elif request.param == "files":
        write_hours(tmp_path / "ES_2023.csv", "ES", "2023-03-25T00:00", GRAMS)
        yield PreferredIntensities([HourlyFiles(tmp_path), YearlyFactors()])
    else:
        with ExitStack() as open_:
            grid = open_.enter_context(grid_server())
            hours = [entry("ES", START + 3600 * later, g) for later, g in enumerate(GRAMS)]
            grid.routes["history"] = lambda query: (
                (200, {"zone": "ES", "history": hours}) if query["zone"] == "ES" else (404, {})
            )
            api = ElectricityMaps("token", ManualClock(NOW), grid.url)
            yield PreferredIntensities([api, YearlyFactors()])


def test_at__an_hour_that_is_known__is_that_hours(intensities):
    figure = intensities.at("ES", NOW - 3600)
    assert (figure.zone, figure.hour, figure.mg_per_kwh) == ("ES", hour_of(NOW) - 1, 100_000)
    assert figure.resolution == HOURLY
    assert figure.source
    assert figure.dated
    assert intensities.at("es ", NOW) == intensities.at("ES", NOW)


def test_at__a_zone_without_hours__is_its_countrys(intensities):
    figure = intensities.at("FR", NOW)
    assert (figure.zone, figure.mg_per_kwh, figure.resolution) == ("FR", 56_039, "yearly")
    assert intensities.knows("FR")


@pytest.mark.parametrize("zone", ["", "MARS", "QQ", "ES/../..", "\u00e9s", "A" * 500])
def test_at__a_zone_nobody_knows__is_the_worlds_and_says_so(intensities, zone):
    figure = intensities.at(zone, NOW)
    assert figure.zone == WORLD
    assert "world" in figure.source
    assert not intensities.knows(zone)
    assert [f.zone for f in intensities.ahead(zone, NOW, 3)] == [WORLD] * 3


def test_ahead__any_zone__gives_every_hour_once(intensities):
    for zone in ("ES", "FR", "MARS"):
        figures = intensities.ahead(zone, NOW, 30)
        assert [f.hour for f in figures] == list(range(hour_of(NOW), hour_of(NOW) + 30))
        assert all(f.mg_per_kwh >= 0 and f.source and f.dated and f.band_ppm > 0 for f in figures)


def test_ahead__the_coming_hours__are_like_yesterdays(intensities):
    later = intensities.ahead("ES", NOW, 4)[3]
    assert later.estimated
    assert later.mg_per_kwh == pytest.approx(120_000, rel=0.02)
