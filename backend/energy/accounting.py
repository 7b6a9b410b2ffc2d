"""A job's energy: every trainer's readings added up, never mixing up how they were obtained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fl_nodes.protocol.tasks import Commitment, EnergyReading

WEAKEST_FIRST = ("constant", "modelled", "measured")


def energy_by_trainer(commitments: Sequence[Commitment]) -> dict[str, dict[str, Any]]:
    """Joules, class, band, method and seconds. A sum is of the weakest class among its parts; bands add in absolute terms (worst
    case).
    """
    by_trainer: dict[str, dict[str, Any]] = {}
    for trainer in sorted({c.trainer for c in commitments}):
        readings = [r for c in commitments if c.trainer == trainer for r in _readings(c)]
        total = sum(r.millijoules for r in readings)
        band = sum(r.millijoules * r.band_ppm for r in readings)
        by_trainer[trainer] = {
            "joules": total / 1000,
            "kind": min((r.kind for r in readings), key=_strength),
            "band_ppm": band // total if total else max((r.band_ppm for r in readings), default=0),
            "method": " + ".join(sorted({r.method for r in readings})),
            "seconds": sum(r.seconds for r in readings),
        }
    return by_trainer


def _readings(commitment: Commitment) -> list[EnergyReading]:
    setup = commitment.setup_energy
    return [commitment.energy] if setup is None else [setup, commitment.energy]


def _strength(kind: str) -> int:
    return WEAKEST_FIRST.index(kind) if kind in WEAKEST_FIRST else -1
