"""A job's energy: every trainer's readings added up, never mixing up how they were obtained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fl_nodes.protocol.hashing import digest, merkle_root
from fl_nodes.protocol.tasks import Commitment, EnergyReading

WEAKEST_FIRST = ("constant", "modelled", "measured")


@dataclass(frozen=True)
class JobEnergy:
    """`by_trainer`: joules, class, band, method; `root`: Merkle root (hex) over all readings; total in mJ."""

    by_trainer: dict[str, dict[str, Any]]
    root: str
    millijoules: int


def job_energy(commitments: Sequence[Commitment]) -> JobEnergy:
    """Add up readings. A sum is of the weakest class among its parts; bands add in absolute terms (worst case)."""
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
    leaves = [
        digest({"round": c.round, "trainer": c.trainer, "energy": c.energy, "setup": c.setup_energy})
        for c in commitments
    ]
    total = sum(r.millijoules for c in commitments for r in _readings(c))
    return JobEnergy(by_trainer, merkle_root(leaves), total)


def _readings(commitment: Commitment) -> list[EnergyReading]:
    setup = commitment.setup_energy
    return [commitment.energy] if setup is None else [setup, commitment.energy]


def _strength(kind: str) -> int:
    return WEAKEST_FIRST.index(kind) if kind in WEAKEST_FIRST else -1
