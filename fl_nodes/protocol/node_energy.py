"""What a node's process has drawn in all, by use: idle and reserved hardware belong to what a job is accountable for."""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.protocol.reading import KINDS


@dataclass(frozen=True)
class NodeEnergy:
    """Whole-number totals since `since_hour` (Unix seconds // 3600): millijoules and seconds by use, which sum to the node's.

    `kind` is the weakest class among the parts, `band_ppm` their bands by energy. A node says this of itself, unsigned; nothing
    is paid by it. ValueError for what cannot be such totals.
    """

    job_millijoules: int
    idle_millijoules: int
    chain_millijoules: int
    job_seconds: int
    idle_seconds: int
    chain_seconds: int
    kind: str
    band_ppm: int
    since_hour: int

    def __post_init__(self) -> None:
        numbers = (*self._millijoules, *self._seconds, self.band_ppm, self.since_hour)
        if any(not 0 <= n < 2**63 for n in numbers) or self.kind not in KINDS:
            raise ValueError("a node's energy is in whole numbers from 0, measured, modelled or constant")

    @property
    def millijoules(self) -> int:
        """The node's total."""
        return sum(self._millijoules)

    @property
    def seconds(self) -> int:
        """The time that its process ran."""
        return sum(self._seconds)

    @property
    def _millijoules(self) -> tuple[int, int, int]:
        return self.job_millijoules, self.idle_millijoules, self.chain_millijoules

    @property
    def _seconds(self) -> tuple[int, int, int]:
        return self.job_seconds, self.idle_seconds, self.chain_seconds
