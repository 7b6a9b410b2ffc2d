"""How much of its demand a node's site covers, as the scheduler believes it."""

from dataclasses import replace
from typing import Any

import pytest

from backend.dispatch.candidates import _Cost, _site_ppm
from backend.domain.node import Node
from fl_nodes.protocol.site_supply import MODELLED, SiteSupply

NODE = Node("0xProvider", "0xKey", "alpha", ("trainer",), "1", 5000, "Active")
HOUR = 500_000
TEN_WATTS = _Cost(2_000_000, 20_000, "")


def site_ppm(forecast: dict[str, Any], cost: _Cost = TEN_WATTS) -> tuple[int, ...]:
    return _site_ppm(replace(NODE, forecast=forecast), HOUR, cost)


@pytest.mark.parametrize(
    ("band_ppm", "covered"),
    [
        (0, (375_000, 750_000, 1_000_000, 0)),
        (500_000, (250_000, 500_000, 1_000_000, 0)),
        (1_000_000, (0, 0, 0, 0)),
    ],
)
def test_site__announced_with_a_band__covers_by_the_low_end(band_ppm, covered):
    supply = SiteSupply(HOUR, (5, 10, 1_000), MODELLED, band_ppm, "m")
    assert site_ppm(supply.announced()) == covered


def test_site__hours_that_are_over__cover_nothing_later():
    assert site_ppm(SiteSupply(HOUR - 3, (99, 99), MODELLED, 0, "m").announced()) == (0,)
    assert site_ppm(SiteSupply(HOUR - 1, (99, 99), MODELLED, 0, "m").announced()) == (1_000_000, 0)


@pytest.mark.parametrize("forecast", [{}, {"supply": 3}, {"supply": {"watts": [1]}}])
def test_site__nothing_that_can_be_read__covers_nothing(forecast):
    assert site_ppm(forecast) == (0,)
    supply = SiteSupply(HOUR, (5,), MODELLED, 0, "m")
    assert site_ppm(supply.announced(), _Cost(0, 0, "")) == (0,)
