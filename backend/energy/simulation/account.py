"""What a run took: energy by where it came from, and location-based carbon.

A site's own sun and wind cover what the node draws at that moment, up to what they yield; what is left over is lost, not stored and
not sold. The rest comes from the grid at the hour's intensity (life-cycle). The chain's part is a line of its own and in the total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.energy.simulation.engine import Run
from backend.energy.simulation.machines import BUSY, IDLE, Machine

Floats = NDArray[np.float64]
JOULES_PER_KWH = 3_600_000.0


@dataclass(frozen=True)
class World:
    """By site and hour, each of shape (sites, hours): watts that the site's own sun and wind yield, gCO2e per kWh of its grid."""

    site_w: Floats
    g_per_kwh: Floats

    def part(self, first: int, hours: int) -> World:
        """The hours from `first` on; after the last comes the first again."""
        wanted = np.arange(first, first + hours) % self.site_w.shape[1]
        return World(self.site_w[:, wanted], self.g_per_kwh[:, wanted])


@dataclass(frozen=True)
class Chain:
    """What recording takes: joules a task, gCO2e per kWh where the chain's nodes are."""

    joules_per_task: float = 0.0
    g_per_kwh: float = 0.0


@dataclass(frozen=True)
class Bill:
    """kWh and gCO2e with the chain's inside; `renewable_kwh` came from the sites, `busy_kwh`, `idle_kwh` and `sleep_kwh`
    (asleep, falling asleep and waking) say where the nodes' energy went.
    """

    kwh: float
    grams: float
    renewable_kwh: float
    busy_kwh: float
    idle_kwh: float
    sleep_kwh: float
    chain_kwh: float


def bill(fleet: Sequence[Machine], run: Run, world: World, chain: Chain) -> Bill:
    """Add up a run. `world` has the run's hours and one more, for what runs over the end."""
    watts = np.array([m.watts() for m in fleet])[:, None, :]
    sites = [m.site for m in fleet]
    site_w = world.site_w[sites][:, :, None]
    joules = run.spent * watts
    grid = run.spent * np.maximum(0.0, watts - site_w)
    chain_kwh = chain.joules_per_task * len(run.latencies) / JOULES_PER_KWH
    grams = float((grid.sum(axis=2) * world.g_per_kwh[sites]).sum()) / JOULES_PER_KWH
    return Bill(
        kwh=float(joules.sum()) / JOULES_PER_KWH + chain_kwh,
        grams=grams + chain_kwh * chain.g_per_kwh,
        renewable_kwh=float((joules - grid).sum()) / JOULES_PER_KWH,
        busy_kwh=float(joules[:, :, BUSY:].sum()) / JOULES_PER_KWH,
        idle_kwh=float(joules[:, :, IDLE].sum()) / JOULES_PER_KWH,
        sleep_kwh=float(joules[:, :, :IDLE].sum()) / JOULES_PER_KWH,
        chain_kwh=chain_kwh,
    )
