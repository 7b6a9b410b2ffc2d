"""A site's description, and the weather files it names."""

from pathlib import Path

import numpy as np
import pytest

from fl_nodes.errors import Refused
from fl_nodes.forecast.site import Panels, Site, Turbine, load_site, read_site
from fl_nodes.forecast.solar import clear_sky, panel_watts
from fl_nodes.forecast.weather import read_weather, typical_years

MADRID = {"latitude": 40.4, "longitude": -3.7}
DESCRIPTION = """
latitude = -33.9
longitude = 18.4
weather = "w.csv"
[solar]
kwp = 5
[wind]
kw = 10
hub_height = 20
"""


def test_site__toml_and_json__are_read_alike(tmp_path):
    toml, json = tmp_path / "site.toml", tmp_path / "site.json"
    toml.write_text(DESCRIPTION)
    json.write_text(
        '{"latitude": -33.9, "longitude": 18.4, "weather": "w.csv", "solar": {"kwp": 5},'
        ' "wind": {"kw": 10, "hub_height": 20}}'
    )
    expected = Site(-33.9, 18.4, 0.0, Panels(5, 33.9, 0.0), Turbine(10, 20), tmp_path / "w.csv")
    assert load_site(toml) == load_site(json) == expected


@pytest.mark.parametrize(
    "described",
    [
        {},
        {"latitude": 91, "longitude": 0},
        {"latitude": "40", "longitude": 0},
        {"latitude": True, "longitude": 0},
        {"latitude": float("nan"), "longitude": 0},
        MADRID | {"panels": {}},
        MADRID | {"solar": 5},
        MADRID | {"solar": {"kwp": -1}},
        MADRID | {"solar": {"kwp": 1, "tilt": 100}},
        MADRID | {"wind": {"kw": 1}},
        MADRID | {"weather": 3},
    ],
)
def test_site__what_does_not_fit__is_one_refusal(described):
    with pytest.raises(Refused) as refusal:
        read_site(described, Path())
    assert refusal.value.code == "site.file"


def test_weather__a_stations_csv__has_hours_in_order_with_short_gaps_filled(tmp_path):
    file = tmp_path / "station.csv"
    file.write_text(
        "time,ghi,temp_air,wind_speed\n2023-06-01T10:00Z,400,20,3\n2023-06-01T12:00Z,600,22,5\n"
        "2023-06-01T11:00+01:00,410,20,3\n"
    )
    weather = read_weather(file)
    assert list(weather.ghi) == [410, 505, 600]
    assert list(weather.wind_speed) == [3, 4, 5]
    assert np.isnan(weather.dni).all()
    assert not weather.typical
    assert weather.row_of(int(weather.starts[2].timestamp()) // 3600) == 2
    assert weather.row_of(0) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "time,ghi\n",
        "time,ghi\nyesterday,3\n",
        "a,b\n1,2\n",
        "time,temp_air,xghi\n2023-01-01T00:00Z,1,2\n",
    ],
)
def test_weather__of_another_form__is_one_refusal(tmp_path, text):
    (tmp_path / "w.csv").write_text(text)
    with pytest.raises(Refused) as refusal:
        read_weather(tmp_path / "w.csv")
    assert refusal.value.code == "site.weather"
    with pytest.raises(Refused, match="There is no weather file"):
        read_weather(tmp_path / "missing.csv")


@pytest.mark.parametrize("file", typical_years(), ids=lambda file: file.name)
def test_weather__a_typical_year__lies_on_its_suns_hours(file):
    weather = read_weather(file)
    assert len(weather) == 8760
    assert weather.place is not None
    site = Site(*weather.place)
    clear = clear_sky(site, weather.starts)["ghi"]
    lags = {lag: float(np.corrcoef(np.roll(weather.ghi, lag), clear)[0, 1]) for lag in (-2, -1, 0, 1, 2)}
    assert max(lags, key=lambda lag: lags[lag]) == 0
    leap_day = 1709200800 // 3600  # 2024-02-29T10:00Z
    assert weather.row_of(leap_day) == weather.row_of(leap_day - 24)


def test_panels__a_typical_year__give_what_such_places_give():
    weather = read_weather(typical_years()[0])
    assert weather.place is not None
    site = Site(*weather.place)
    made = panel_watts(site, Panels(5, 30, 180), weather)
    assert 1_200 < made.sum() / 1000 / 5 < 1_600  # kWh a year and kWp in North Carolina
    assert made.max() <= 5_000
