"""What a job's work emitted: each node's reading of each round at the intensity of its grid in that hour.

Location-based throughout: what a site's own sun and wind gave, marginal intensities and bought certificates never enter these
figures (GHG Protocol Scope 2 Guidance, 2015, chapter 6).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.domain.intensity import Intensity
from fl_nodes.protocol.energy_sum import energy_sum
from fl_nodes.protocol.reading import PPM, LedgerReading, micrograms
from fl_nodes.protocol.site_supply import site_millijoules
from fl_nodes.protocol.tasks import Commitment, EnergyReading
from fl_nodes.protocol.wire import to_wire

Where = Mapping[str, Intensity]
"""By trainer: what its grid emitted in the hour of a round."""

Supplied = Mapping[str, int]
"""By trainer: the watts that its site's own sun and wind gave in a round, as its node says."""

SETUP_ROUND = 0
"""The round of what belongs to no round: making the program that trains, once per process and model."""


@dataclass(frozen=True)
class Emission:
    """Energy and what it emitted: mJ, µgCO2e, the class of the reading and how far the emission may be off, in millionths."""

    millijoules: int
    micrograms: int
    kind: str
    band_ppm: int


def emission(readings: Sequence[EnergyReading], intensity: Intensity) -> Emission:
    """What readings of one place and hour come to: the weakest class; the bands of energy and intensity taken together."""
    used = energy_sum(readings)
    emitted = micrograms(used.millijoules, intensity.mg_per_kwh)
    return Emission(used.millijoules, emitted, used.kind, joint_band_ppm(used.band_ppm, intensity.band_ppm))


def joint_band_ppm(one: int, other: int) -> int:
    """The band of a product whose factors are each off by as much, both the same way: the worst case; ppm."""
    return one + other + one * other // PPM


def round_carbon(commitments: Sequence[Commitment], where: Where) -> dict[str, dict[str, Any]]:
    """By trainer, as plain values: `millijoules` (with setting up), `micrograms`, `kind`, `band_ppm`, and the `intensity` used."""
    return {
        c.trainer: {
            **to_wire(emission(readings_of(c), where[c.trainer])),
            "intensity": to_wire(where[c.trainer]),
        }
        for c in commitments
    }


def ledger_readings(
    job: str,
    commitments: Iterable[Commitment],
    where: Mapping[int, Where],
    supplied: Mapping[int, Supplied] | None = None,
) -> tuple[LedgerReading, ...]:
    """A job's readings as the carbon chain takes them: one for each round and trainer, and one of round `SETUP_ROUND` for a
    trainer that made its program; ordered by round and trainer. `where` is by round. A second commitment of the same round and
    trainer is the same work said again and does not count. `supplied` is by round; a reading's share of it stands beside its energy
    and takes nothing from its emissions.
    """
    of_rounds: dict[tuple[int, str], LedgerReading] = {}
    setups: dict[str, list[tuple[EnergyReading, Intensity]]] = {}
    for c in commitments:
        if (c.round, c.trainer) in of_rounds:
            continue
        place = where[c.round][c.trainer]
        watts = (supplied or {}).get(c.round, {}).get(c.trainer, 0)
        of_rounds[c.round, c.trainer] = _ledger_reading(job, c.round, c.trainer, [(c.energy, place)], watts)
        if c.setup_energy is not None:
            setups.setdefault(c.trainer, []).append((c.setup_energy, place))
    made = [_ledger_reading(job, SETUP_ROUND, trainer, parts) for trainer, parts in setups.items()]
    return tuple(sorted([*made, *of_rounds.values()], key=lambda r: (r.round, r.node)))


def _ledger_reading(
    job: str, number: int, node: str, parts: Sequence[tuple[EnergyReading, Intensity]], watts: int = 0
) -> LedgerReading:
    """Parts of one round as one reading: of the weakest class, at the hour, zone and intensity of the last."""
    readings, place = [reading for reading, _ in parts], parts[-1][1]
    used = energy_sum(readings)
    return LedgerReading(
        job=job,
        round=number,
        node=node,
        hour=place.hour,
        millijoules=used.millijoules,
        site_millijoules=site_millijoules(watts, sum(r.seconds for r in readings), used.millijoules),
        kind=used.kind,
        band_ppm=used.band_ppm,
        zone=place.zone,
        intensity=place.mg_per_kwh,
    )


def readings_of(commitment: Commitment) -> list[EnergyReading]:
    """Its own, and that of setting up where there was any."""
    setup = commitment.setup_energy
    return [commitment.energy] if setup is None else [setup, commitment.energy]
