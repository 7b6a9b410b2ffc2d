"""Updates that are suspiciously like others or like nothing. Pure; what it says lowers a score and never slashes anyone.

`gate.repeated_updates` knows copies to the byte by their hash. Here are those that were disguised: an update that lies closer
to another one, of this round or an earlier one, than two honest runs on different rows can come; and one so short that its node
cannot have trained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

Update = NDArray[np.floating[Any]]
"""An update's arrays in one row."""

COPY_SHARE = 0.05
"""Distance, relative to the longer of two updates, below which one is taken for a copy of the other."""

IDLE_SHARE = 0.02
"""Length, relative to the median of all, below which an update is taken for no work at all."""


@dataclass(frozen=True)
class Likeness:
    """Two updates that lie `distance` (relative to the longer) apart; `earlier` names whose it was before, by round or trainer."""

    trainer: str
    earlier: str
    distance: float


def near_copies(
    updates: Mapping[str, Update], earlier: Mapping[str, Update], share: float = COPY_SHARE
) -> tuple[Likeness, ...]:
    """Updates (by trainer) that are near one of this round's or an `earlier` one (by any name), the nearest for each.

    Of two in the same round nobody can say who copied: both are named. Updates of other sizes are never alike.
    """
    found = []
    for trainer, update in updates.items():
        others = {name: u for name, u in updates.items() if name != trainer} | dict(earlier)
        distances = {name: relative_distance(update, other) for name, other in others.items()}
        nearest = min(distances, key=lambda name: distances[name], default=None)
        if nearest is not None and distances[nearest] <= share:
            found.append(Likeness(trainer, nearest, distances[nearest]))
    return tuple(found)


def relative_distance(one: Update, other: Update) -> float:
    """||one - other|| over the longer of the two; 0 for two of length zero, infinite for other sizes or what is not finite."""
    if one.shape != other.shape:
        return float("inf")
    longer = max(length(one), length(other))
    apart = length(np.subtract(one, other, dtype=np.float64))
    if longer == 0:
        return 0.0
    return apart / longer if np.isfinite(apart) else float("inf")


def idle(lengths: Mapping[str, float], share: float = IDLE_SHARE) -> frozenset[str]:
    """Trainers whose update is shorter than `share` of the median length; nobody where there are fewer than three."""
    if len(lengths) < 3:
        return frozenset()
    least = share * median(lengths.values())
    return frozenset(trainer for trainer, norm in lengths.items() if norm < least)


def length(update: Update) -> float:
    """Euclidean length, in double precision."""
    return float(np.sqrt(np.einsum("i,i->", update, update, dtype=np.float64)))
