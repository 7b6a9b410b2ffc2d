"""Energy, emissions and scores of a job in sentences, each figure with its class and how far it may be off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

MICROGRAMS_PER_GRAM = 1_000_000
MILLIJOULES_PER_JOULE = 1000
PPM_PER_PERCENT = 10_000


def carbon_lines(carbon: Mapping[str, Any]) -> Iterator[str]:
    """The results of an energy statement (`energy.statement.results`) for a person, a line each."""
    for kind, of in carbon["classes"].items():
        yield f"Energy    {joules(of['millijoules'])} {kind}, give or take {joules(of['band_millijoules'])}"
    if carbon["idle_millijoules"]:
        yield f"Idle      {joules(carbon['idle_millijoules'])} while rounds waited for other nodes"
    yield (
        f"Carbon    {grams(carbon['micrograms'])} CO2e, location-based, give or take "
        f"{carbon['band_ppm'] / PPM_PER_PERCENT:.0f} %"
    )
    for trainer, of in carbon["trainers"].items():
        used = " + ".join(
            f"{joules(part['millijoules'])} {kind} +- {joules(part['band_millijoules'])}"
            for kind, part in of["classes"].items()
        )
        zones = ", ".join(of["zones"]) or "-"
        score = f", Eco Score {of['eco']['score']:.0f}" if "eco" in of else ""
        yield f"{'':10}{trainer} {used or 'no reading'}, {grams(of['micrograms'])} CO2e in {zones}{score}"
    sci = carbon["sci"]
    yield (
        f"SCI       {grams(sci['micrograms'])} CO2e per {sci['unit']}: {grams(sci['operational_ug'])} of operation, "
        f"{grams(sci['embodied_ug'])} of making the hardware"
    )
    if carbon["eco"] is not None:
        parts = ", ".join(f"{name} {value:.0f}" for name, value in carbon["eco"]["parts"].items())
        yield f"Eco Score {carbon['eco']['score']:.0f} of 100 ({parts})"


def grams(micrograms: int) -> str:
    """An amount of CO2e with three digits and its unit."""
    amount = micrograms / MICROGRAMS_PER_GRAM
    return f"{amount:.3g} g" if amount >= 1 else f"{amount * 1000:.3g} mg"


def joules(millijoules: int) -> str:
    """An energy with its unit."""
    return f"{millijoules / MILLIJOULES_PER_JOULE:.1f} J"
