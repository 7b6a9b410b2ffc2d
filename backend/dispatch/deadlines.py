"""How long a round waits for its slowest: by what the rounds before it took, not by a fixed time alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

LEAST = 2
"""Updates without which a round is none."""


@dataclass(frozen=True)
class Patience:
    """Seconds: a round's training waits `factor` times what earlier ones took, at least `floor`, at most `ceiling`.

    The first round waits for the ceiling. Fewer than `enough` commitments are never left at less than the ceiling: a machine
    park that is slow as a whole is no straggler.
    """

    floor: float = 30.0
    ceiling: float = 600.0
    factor: float = 3.0

    def seconds(self, earlier: Sequence[float]) -> float:
        """The deadline after rounds that took this long until the last commitment that was taken (0: not known)."""
        known = [took for took in earlier if took > 0]
        if not known:
            return self.ceiling
        return min(max(self.factor * median(known), self.floor), self.ceiling)


def enough(wanted: int) -> int:
    """Commitments with which a round may close at its deadline: half of those wanted, two at least."""
    return max(LEAST, -(-wanted // 2))
