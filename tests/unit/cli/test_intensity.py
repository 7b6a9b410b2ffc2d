"""`ecodml intensity`: what it asks and what it prints."""

from __future__ import annotations

import json
from typing import Any

import pytest

from backend.cli.intensity import lines
from backend.energy.world_average import WorldAverage
from fl_nodes.protocol.wire import to_wire

pytestmark = pytest.mark.unit


def told(known: bool, *mg_per_kwh: int) -> dict[str, Any]:
    """An answer of the API."""
    figures = [to_wire(figure) for figure in WorldAverage().ahead("ES", 1_700_000_000, len(mg_per_kwh))]
    ahead = [figure | {"mg_per_kwh": mg} for figure, mg in zip(figures, mg_per_kwh, strict=True)]
    return json.loads(json.dumps({"known": known, "now": ahead[0], "ahead": ahead}))


def test_lines__hours_differ__are_told_one_by_one() -> None:
    said = lines(told(True, 100_000, 250_400))
    assert said[0] == "WORLD now: 100 gCO2e/kWh +-100 %"
    assert said[-1] == "  2023-11-14 23:00 UTC  250 gCO2e/kWh +-100 %"


def test_lines__hours_alike_and_zone_unknown__are_told_once_with_the_reason() -> None:
    said = lines(told(False, 475_000, 475_000))
    assert said[-1] == "next 2 hours: the same"
    assert any("unknown" in line for line in said)
