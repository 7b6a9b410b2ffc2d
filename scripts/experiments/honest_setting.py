"""What the honest track assumes, each figure with where it comes from. Studies vary it; nothing else holds a constant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from backend.energy.simulation.account import Chain
from backend.energy.simulation.engine import Tasks
from backend.energy.simulation.machines import Machine
from backend.energy.world_average import WORLD_MG_PER_KWH
from scripts.experiments.replay_model import NODES

PPM = 1_000_000
KINDS = ((0.5, 0.5), (0.3, 0.8), (0.2, 1.2))
"""Probability and mean seconds at full clock: the mix that the source's configuration names."""
SPREAD = 0.2
GRAMS = WORLD_MG_PER_KWH / 1_000


@dataclass(frozen=True)
class Int8:
    """What 8-bit integers take of the time and the energy of float32, in millionths, and who says so."""

    seconds_ppm: int
    millijoules_ppm: int
    source: str


NO_INT8 = Int8(PPM, PPM, "none")
MEASURED_INT8 = Int8(
    525_000,
    518_000,
    "make bench-compression (docs/benchmarks/compression.json): a CNN on MNIST, a row at a time, in TensorFlow Lite; "
    "CPU time metered, energy modelled from it; accuracy as without",
)
SOURCES_INT8 = Int8(
    555_556, 333_333, "the source framework's constants: 1.8 times as fast at 0.6 of the power"
)


@dataclass(frozen=True)
class Setting:
    """Machines are the source's four (idle and full watts), one to a site. Sleep: suspended machines draw 1 to 3 W and wake "in
    seconds" (US EPA, ENERGY STAR power management); measured transitions are 0.65 s on a tuned Linux (Xi et al. 2013,
    ISLPED) and up to 15 s on servers (Isci et al. 2013, ISCA). Off and woken by network: 1 W. Going down and up takes twice the
    idle power. The chain: `transactions_per_day` of `wh_per_transaction`, between the 0.166 Wh (Solana) and 52 Wh (Cardano) of
    CCRI's 2022 comparison of proof-of-stake networks, at the world's mean intensity. `slack_s` is what our policy may take for
    a task beyond waking a node, chosen on 2022's grids so that its p95 latency is not worse than the source's with sleep.
    """

    tasks_per_hour: float = 100.0
    asleep_w: float = 3.0
    off_w: float = 1.0
    turning: float = 2.0
    fall_s: float = 2.0
    wake_s: float = 5.0
    shut_s: float = 15.0
    boot_s: float = 60.0
    sized: float = 1.0
    transactions_per_day: float = 2.0
    wh_per_transaction: float = 3.0
    int8: Int8 = MEASURED_INT8
    slack_s: float = 0.75
    days: int = 7
    blocks: int = 26
    year: int = 2023

    def fleet(self, with_int8: bool) -> tuple[Machine, ...]:
        """The machines; with INT8 at what that makes them draw while busy."""
        busier = self.int8.millijoules_ppm / self.int8.seconds_ppm if with_int8 else 1.0
        return tuple(
            Machine(
                name=node.name,
                idle_w=node.base_w,
                busy_w=max(node.base_w, node.max_w * busier),
                asleep_w=self.asleep_w,
                off_w=self.off_w,
                turning_w=self.turning * node.base_w,
                fall_s=self.fall_s,
                wake_s=self.wake_s,
                shut_s=self.shut_s,
                boot_s=self.boot_s,
                site=site,
            )
            for site, node in enumerate(NODES)
        )

    @property
    def within_s(self) -> float:
        """How long a task may take that finds its node asleep."""
        return self.wake_s + self.slack_s

    def chain(self, tasks: int) -> Chain:
        """What recording takes, spread over that many tasks of a block."""
        joules = self.transactions_per_day * self.days * self.wh_per_transaction * 3600
        return Chain(joules / max(1, tasks), GRAMS)

    def tasks(self, seed: int, block: int, with_int8: bool) -> tuple[Tasks, list[float]]:
        """A block's workload and the source's priorities: the same for every policy of the same seed."""
        draw = np.random.default_rng([seed, block])
        hours = self.days * 24
        count = int(self.tasks_per_hour * hours * 1.1 + 60 * (1 + self.tasks_per_hour * hours) ** 0.5)
        arrivals = np.cumsum(draw.exponential(3600 / self.tasks_per_hour, count))
        arrivals = arrivals[arrivals < hours * 3600]
        shares, means = zip(*KINDS, strict=True)
        expected = draw.choice(means, len(arrivals), p=shares)
        seconds = expected * draw.uniform(1 - SPREAD, 1 + SPREAD, len(arrivals))
        quicker = self.int8.seconds_ppm / PPM if with_int8 else 1.0
        priorities = draw.uniform(0.3, 0.9, len(arrivals)).tolist()
        return Tasks(arrivals, seconds * quicker, expected * quicker, hours), priorities

    def first_hour(self, block: int) -> int:
        """Blocks are spread evenly over the year, at the same hour of the day."""
        return block * (8760 // 24 // self.blocks) * 24

    def config(self) -> Mapping[str, Any]:
        """For the record."""
        return asdict(self)

    def quick(self) -> Setting:
        """Two blocks of a day."""
        return replace(self, days=1, blocks=2)
