"""A job's energy: every trainer's readings added up, never mixing up how they were obtained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.energy.carbon import readings_of
from fl_nodes.protocol.energy_sum import energy_sum
from fl_nodes.protocol.tasks import Commitment


def energy_by_trainer(commitments: Sequence[Commitment]) -> dict[str, dict[str, Any]]:
    """Joules, class, band, method and seconds."""
    by_trainer: dict[str, dict[str, Any]] = {}
    for trainer in sorted({c.trainer for c in commitments}):
        readings = [r for c in commitments if c.trainer == trainer for r in readings_of(c)]
        used = energy_sum(readings)
        by_trainer[trainer] = {
            "joules": used.millijoules / 1000,
            "kind": used.kind,
            "band_ppm": used.band_ppm,
            "method": " + ".join(sorted({r.method for r in readings})),
            "seconds": sum(r.seconds for r in readings),
        }
    return by_trainer
