"""`ecodml intensity ZONE`: what a zone's grid emits, now and in the next hours, and who says so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from backend.cli.client import Api

_PPM_PER_PERCENT = 10_000


def ask(api: Api, zone: str, hours: int) -> dict[str, Any]:
    """What the API says: `{known, now, ahead}`."""
    heard: dict[str, Any] = api.get(f"/api/intensity/{quote(zone, safe='')}?hours={hours}")
    return heard


def lines(heard: dict[str, Any]) -> list[str]:
    """The figures for a person, an hour a line where they differ."""
    now = heard["now"]
    said = [
        f"{now['zone']} now: {_grams(now)}",
        f"  {now['source']}; {now['dated']}; {now['resolution']}{', estimated' if now['estimated'] else ''}",
    ]
    if not heard["known"]:
        said.append("  The zone is unknown here: this is the world's average.")
    ahead = heard["ahead"]
    if len({hour["mg_per_kwh"] for hour in ahead}) <= 1:
        return [*said, f"next {len(ahead)} hours: the same"]
    said.append(f"next {len(ahead)} hours ({ahead[0]['source']}):")
    return [*said, *(f"  {_clock(hour['hour'])}  {_grams(hour)}" for hour in ahead)]


def _grams(figure: dict[str, Any]) -> str:
    return f"{figure['mg_per_kwh'] / 1000:.0f} gCO2e/kWh +-{figure['band_ppm'] // _PPM_PER_PERCENT} %"


def _clock(hour: int) -> str:
    return datetime.fromtimestamp(hour * 3600, UTC).strftime("%Y-%m-%d %H:00 UTC")
