"""The rules by name, and what is needed to apply one to a stack of updates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from backend.errors import Invalid
from backend.federated import coordinatewise, krum
from backend.federated.fltrust import trusted_shares
from backend.federated.stack import Rows, Stack, blocks


class Rule(StrEnum):
    """How a round's updates become one."""

    MEAN = "mean"
    MEDIAN = "median"
    TRIMMED_MEAN = "trimmed_mean"
    MULTI_KRUM = "multi_krum"
    FLTRUST = "fltrust"


@dataclass(frozen=True)
class Combined:
    """`update` (size,); `shares` is what each update was multiplied with, empty where the rule mixes coordinates."""

    update: npt.NDArray[np.float64]
    shares: tuple[float, ...] = ()


def most_tolerated(rule: Rule, count: int) -> int:
    """How many of `count` updates may be dishonest: the largest number the rule's proof allows."""
    if rule in (Rule.MEDIAN, Rule.TRIMMED_MEAN):
        return max(0, (count - 1) // 2)
    if rule is Rule.MULTI_KRUM:
        return krum.most_tolerated(count)
    return count if rule is Rule.FLTRUST else 0


def tolerated(rule: Rule, count: int, share: float) -> int:
    """The number of dishonest updates to reckon with: `share` of `count`, rounded up, within what the rule can bear."""
    return min(int(np.ceil(share * count - 1e-9)), most_tolerated(rule, count))


def combine(
    rule: Rule,
    stack: Stack,
    weights: Sequence[float],
    tolerated: int = 0,
    root: npt.NDArray[np.float32] | None = None,
) -> Combined:
    """Apply `rule`. `root` (size,) is FLTrust's; `tolerated` is the trimmed mean's and multi-Krum's.

    Invalid `aggregate.updates`, `aggregate.weights`, `aggregate.tolerated`, `aggregate.root`.
    """
    if stack.count == 0 or len(weights) != stack.count:
        raise Invalid("aggregate.updates", "Aggregation needs at least one update, and a weight for each.")
    if rule is Rule.MEDIAN:
        return Combined(_by_column(stack, lambda rows: coordinatewise.median(rows).astype(np.float64)))
    if rule is Rule.TRIMMED_MEAN:
        return Combined(_by_column(stack, lambda rows: coordinatewise.trimmed_mean(rows, tolerated)))
    if rule is Rule.MULTI_KRUM:
        chosen = krum.kept(krum.squared_distances(stack), tolerated)
        return _weighted(stack, _normalised([w if i in chosen else 0.0 for i, w in enumerate(weights)]))
    if rule is Rule.FLTRUST:
        if root is None or root.shape != (stack.size,):
            raise Invalid("aggregate.root", "FLTrust needs a root update of the model's size.")
        return _weighted(stack, trusted_shares(stack, root))
    return _weighted(stack, _normalised(weights))


def _normalised(weights: Sequence[float]) -> npt.NDArray[np.float64]:
    given = np.asarray(weights, np.float64)
    if (given < 0).any() or not given.sum() > 0:
        raise Invalid("aggregate.weights", "Updates need weights that are not negative and not all zero.")
    return np.asarray(given / given.sum(), np.float64)


def _weighted(stack: Stack, shares: npt.NDArray[np.float64]) -> Combined:
    update = np.zeros(stack.size, np.float64)
    for start, stop, rows in blocks(stack):
        for row, share in zip(rows, shares, strict=True):
            if share:
                update[start:stop] += np.multiply(row, share, dtype=np.float64)
    return Combined(update, tuple(float(s) for s in shares))


def _by_column(stack: Stack, rule: Callable[[Rows], npt.NDArray[np.float64]]) -> npt.NDArray[np.float64]:
    update = np.empty(stack.size, np.float64)
    for start, stop, rows in blocks(stack):
        update[start:stop] = rule(rows)
    return update
