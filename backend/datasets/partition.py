"""Who gets which rows: the training, validation and test parts, and the trainers' shards. Same seed, same
rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from backend.datasets.refusal import DatasetInvalid
from backend.datasets.table import Array

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Split:
    """Row indices, ascending; disjoint, together all rows."""

    train: Rows
    validation: Rows
    test: Rows


def split(y: Array, *, validation: float = 0.15, test: float = 0.2, seed: int) -> Split:
    """Stratified parts; fractions are of each class, rounded. Raises DatasetInvalid `split.fractions`.

    Every class is in `train`; one with three rows or more is in each part whose fraction is not zero.
    """
    if not (validation >= 0 and test >= 0 and validation + test < 1):
        raise DatasetInvalid(
            "split.fractions",
            f"Validation {validation} and test {test} must not be negative and must leave rows to train on.",
        )
    generator = np.random.default_rng(seed)
    parts: tuple[list[Rows], list[Rows], list[Rows]] = ([], [], [])
    for rows in _by_class(y, generator):
        kept = 2 if validation and len(rows) >= 3 else 1
        tested = _part(len(rows), test, spare=len(rows) - kept)
        checked = _part(len(rows), validation, spare=len(rows) - 1 - tested)
        parts[2].append(rows[:tested])
        parts[1].append(rows[tested : tested + checked])
        parts[0].append(rows[tested + checked :])
    return Split(*(np.sort(_joined(part)) for part in parts))


def shard(
    train_indices: Array,
    y: Array,
    *,
    nodes: int,
    seed: int,
    scheme: Literal["iid", "label_skew", "label_shards"] | str = "iid",
    classes_per_node: int = 2,
) -> list[Rows]:
    """The training rows dealt to `nodes` trainers: disjoint, complete, none empty, each in random order.

    `iid` gives every node the same mix and sizes that differ by one at most. `label_skew` gives each node
    `classes_per_node` classes (more where there are too few nodes to hold all classes). `label_shards` sorts
    the rows by class, cuts them into `nodes * classes_per_node` equal pieces and gives each node that many at
    random (McMahan et al., "Communication-Efficient Learning of Deep Networks from Decentralized Data", 2017):
    of two classes, some nodes get one alone.
    Raises DatasetInvalid `shard.too_few_rows`, `shard.scheme`.
    """
    rows = np.asarray(train_indices, dtype=np.int64)
    if nodes < 1 or len(rows) < nodes:
        raise DatasetInvalid(
            "shard.too_few_rows", f"{len(rows)} training rows cannot be dealt to {nodes} nodes."
        )
    generator = np.random.default_rng(seed)
    groups = [rows[group] for group in _by_class(np.asarray(y)[rows], generator)]
    if scheme == "iid":
        dealt = _joined(groups)
        shards = [dealt[node::nodes] for node in range(nodes)]
    elif scheme == "label_skew":
        shards = _leave_nobody_empty(_skewed(groups, nodes, max(1, classes_per_node), generator))
    elif scheme == "label_shards":
        shards = _leave_nobody_empty(_cut(_joined(groups), nodes, max(1, classes_per_node), generator))
    else:
        raise DatasetInvalid(
            "shard.scheme",
            f"There is no way of sharding called {scheme!r}: use iid, label_skew or label_shards.",
        )
    return [generator.permutation(part) for part in shards]


def _skewed(
    groups: list[Rows], nodes: int, classes_per_node: int, generator: np.random.Generator
) -> list[Rows]:
    order = generator.permutation(len(groups))
    held = min(classes_per_node, len(groups))
    holders: list[list[int]] = [[] for _ in groups]
    slot = 0
    for node in range(nodes):
        for _ in range(held):
            holders[order[slot % len(groups)]].append(node)
            slot += 1
    for left in range(slot, len(groups)):
        holders[order[left]].append(left % nodes)
    pieces: list[list[Rows]] = [[] for _ in range(nodes)]
    for rows, nodes_of_class in zip(groups, holders, strict=True):
        for position, node in enumerate(nodes_of_class):
            pieces[node].append(rows[position :: len(nodes_of_class)])
    return [_joined(part) for part in pieces]


def _cut(by_class: Rows, nodes: int, pieces_per_node: int, generator: np.random.Generator) -> list[Rows]:
    pieces = np.array_split(by_class, nodes * pieces_per_node)
    order = generator.permutation(len(pieces))
    return [_joined([pieces[i] for i in order[node::nodes]]) for node in range(nodes)]


def _leave_nobody_empty(shards: list[Rows]) -> list[Rows]:
    """Whoever has nothing gets one row of whoever has most."""
    for node in range(len(shards)):
        while len(shards[node]) == 0:
            richest = max(range(len(shards)), key=lambda other: len(shards[other]))
            shards[node], shards[richest] = shards[richest][:1], shards[richest][1:]
    return shards


def _by_class(y: Array, generator: np.random.Generator) -> list[Rows]:
    """Row indices of each class that occurs, shuffled."""
    order = np.argsort(y, kind="stable").astype(np.int64)
    borders = np.flatnonzero(np.diff(np.asarray(y)[order])) + 1
    return [generator.permutation(group) for group in np.split(order, borders) if len(group)]


def _part(rows: int, fraction: float, spare: int) -> int:
    wanted = max(1, round(rows * fraction)) if fraction else 0
    return max(0, min(wanted, spare))


def _joined(parts: list[Rows]) -> Rows:
    return np.concatenate(parts) if parts else np.empty(0, np.int64)
