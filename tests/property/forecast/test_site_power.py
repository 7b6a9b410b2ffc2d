"""Wherever and whenever: a site's power is never negative, never beyond what it can be, and no sun shines at night."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from fl_nodes.forecast.site import Panels, Site, Turbine
from fl_nodes.forecast.solar import clear_sky, panel_watts, under_clear_sky
from fl_nodes.forecast.weather import Weather
from fl_nodes.forecast.wind import turbine_watts
from fl_nodes.protocol.site_supply import MODELLED, SiteSupply, claimed, site_millijoules

SITES = st.builds(Site, st.floats(-89, 89), st.floats(-179, 179), st.floats(0, 4000))
PANELS = st.builds(Panels, st.floats(0, 1000), st.floats(0, 90), st.floats(0, 360))
DAYS = st.integers(0, 365 * 12).map(
    lambda day: pd.date_range(
        pd.Timestamp("2020-01-01", tz="UTC") + pd.Timedelta(days=day), periods=24, freq="h"
    )
)


@settings(max_examples=20)
@given(site=SITES, panels=PANELS, starts=DAYS, ghi=st.lists(st.integers(0, 1400), min_size=24, max_size=24))
def test_panels__any_irradiance__give_between_nothing_and_their_peak(site, panels, starts, ghi):
    nothing = np.full(24, np.nan)
    calm = np.full(24, 3.0)
    weather = Weather(
        "w", starts, np.array(ghi, dtype=float), nothing, nothing, np.full(24, 15.0), calm, typical=False
    )
    watts = panel_watts(site, panels, weather)
    assert (watts >= 0).all()
    assert (watts <= panels.kwp * 1000 + 1e-6).all()


@settings(max_examples=20)
@given(site=SITES, panels=PANELS, starts=DAYS)
def test_clear_sky__where_the_sun_is_down__gives_nothing(site, panels, starts):
    sky = clear_sky(site, starts)["ghi"]
    watts = under_clear_sky(site, panels, starts)
    assert (sky >= 0).all()
    assert (watts >= 0).all()
    assert (watts[sky == 0] == 0).all()


@settings(max_examples=40)
@given(
    turbine=st.builds(Turbine, st.floats(0, 5000), st.floats(1, 300)),
    wind=st.lists(st.floats(0, 80), min_size=1),
)
def test_turbine__any_wind__gives_between_nothing_and_its_rated_power(turbine, wind):
    watts = turbine_watts(turbine, np.array(wind))
    assert (watts >= 0).all()
    assert (watts <= turbine.kw * 1000 + 1e-6).all()


@given(watts=st.integers(0, 10**9), seconds=st.floats(-10, 10**6), used=st.integers(0, 10**15))
def test_site_millijoules__never_more_than_the_window_used(watts, seconds, used):
    assert 0 <= site_millijoules(watts, seconds, used) <= used


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_claimed__whatever_a_node_announces__is_a_supply_or_nothing(said):
    supply = claimed({"supply": said})
    assert supply is None or all(watts >= 0 for watts in supply.watts)


@given(
    st.lists(st.integers(0, 10**9), min_size=1, max_size=72),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
    st.text(max_size=300),
)
def test_claimed__what_was_announced__comes_back(watts, hour, band, method):
    supply = SiteSupply(hour, tuple(watts), MODELLED, band, method)
    assert claimed(supply.announced()) == supply
    assert supply.watts_at(hour) == watts[0]
    assert supply.watts_at(hour - 1) == supply.watts_at(hour + len(watts)) == 0
