"""What a node announces of its site."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from fl_nodes.errors import Refused
from fl_nodes.forecast import judging
from fl_nodes.forecast.chosen import load
from fl_nodes.forecast.site import Panels, Site, Turbine
from fl_nodes.forecast.supply import SiteForecast
from fl_nodes.forecast.weather import typical_years
from fl_nodes.protocol.site_supply import claimed

NOON = 1_750_003_200.0
"""2025-06-15 16:00 UTC: before noon in Miami, whose typical year it is."""
PANELS, TURBINE = Panels(5, 26, 180), Turbine(10, 20)


def miami(weather: Path | None) -> Site:
    return Site(25.8, -80.27, 2, PANELS, TURBINE, weather)


@pytest.fixture(scope="module")
def typical(tmp_path_factory) -> Path:
    return Path(shutil.copy(typical_years()[2], tmp_path_factory.mktemp("weather")))


def station(folder: Path, until: float, hours: int = 24 * 70) -> Path:
    """A station's file whose newest row is the hour before `until`: half of a simple sun, steady wind."""
    first = int(until // 3600) - hours
    rows = ["time,ghi,temp_air,wind_speed"]
    for hour in range(first, first + hours):
        stamp = np.datetime64(hour * 3600, "s")
        ghi = max(0.0, 450 * np.sin((hour % 24 - 11) / 13 * np.pi)) if 11 <= hour % 24 < 24 else 0.0
        rows.append(f"{stamp}Z,{ghi:.0f},25,{6 + hour % 3}")
    file = folder / "station.csv"
    file.write_text("\n".join(rows) + "\n")
    return file


def test_supply__no_weather__is_the_clear_sky_with_the_widest_band_and_no_wind(tmp_path):
    supply = SiteForecast(miami(None), tmp_path, lambda: NOON).now()
    assert supply.from_hour == NOON // 3600
    assert (supply.kind, supply.band_ppm, len(supply.watts)) == ("modelled", 1_000_000, 24)
    assert 2_000 < supply.watts[0] <= 5_000
    assert supply.watts[12] == 0  # night
    assert "clear sky" in supply.method
    assert claimed(supply.announced()) == supply


def test_supply__nothing_but_a_place__gives_nothing(tmp_path):
    assert set(SiteForecast(Site(25.8, -80.27), tmp_path, lambda: NOON).now().watts) == {0}


def test_supply__a_typical_year_not_judged__is_smart_persistence_and_says_so(typical, tmp_path):
    supply = SiteForecast(miami(typical), tmp_path, lambda: NOON).now()
    assert "not judged" in supply.method
    assert "typical year" in supply.method
    assert supply.band_ppm == 1_000_000
    assert 0 < max(supply.watts) <= 15_000


def test_supply__after_judging__runs_what_was_best_and_keeps_why(typical, tmp_path):
    site, models = miami(typical), judging.makers(["ridge"], 1, 1)
    judging.keep(site, tmp_path, judging.judged(site, models, run=(0,)), models)
    choices = load(tmp_path, typical)
    assert choices["sun"].name == "ridge"
    assert "over smart persistence" in choices["sun"].why
    supply = SiteForecast(site, tmp_path, lambda: NOON).now()
    assert supply.method.startswith("sun: ridge, best on held-out weeks (skill 0.")
    assert claimed(supply.announced()) == supply
    assert load(tmp_path, Path("other.tm2")) == {}
    (tmp_path / "chosen.json").write_text("{}")
    with pytest.raises(Refused, match="is not what"):
        load(tmp_path, typical)


def test_supply__a_stations_newest_hours__lead_to_the_next_ones_with_the_judged_band(tmp_path):
    site, models = miami(station(tmp_path, NOON)), judging.makers(["ridge"], 1, 1)
    judging.keep(site, tmp_path, judging.judged(site, models), models)
    supply = SiteForecast(site, tmp_path, lambda: NOON).now()
    assert "station" in supply.method
    assert supply.band_ppm < 1_000_000
    assert supply.watts[0] > 0


def test_supply__a_station_that_fell_silent__is_not_believed(tmp_path):
    site = miami(station(tmp_path, NOON - 5 * 3600))
    assert "stale" in SiteForecast(site, tmp_path, lambda: NOON).now().method


def test_judged__too_little_weather__is_refused(tmp_path):
    site = miami(station(tmp_path, NOON, hours=24 * 20))
    with pytest.raises(Refused, match="eight weeks"):
        judging.judged(site, judging.makers(["ridge"], 1, 1))
    with pytest.raises(Refused, match="no weather file"):
        judging.judged(miami(None), [])
    with pytest.raises(Refused, match="no forecast 'oracle'"):
        judging.makers(["oracle"], 1, 1)
