"""Splits and shards are disjoint and complete whatever the labels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from backend.datasets import shard, split

LABELS = arrays.arrays(np.int32, st.integers(1, 300), elements=st.integers(0, 12))
SEEDS = st.integers(0, 2**31 - 1)


@given(y=LABELS, validation=st.floats(0, 0.5), test=st.floats(0, 0.49), seed=SEEDS)
def test_split__any_labels__is_disjoint_complete_and_stratified(
    y: np.ndarray, validation: float, test: float, seed: int
) -> None:
    parts = split(y, validation=validation, test=test, seed=seed)
    together = np.concatenate([parts.train, parts.validation, parts.test])
    np.testing.assert_array_equal(np.sort(together), np.arange(len(y)))
    for label in np.unique(y):
        count = int((y == label).sum())
        assert label in y[parts.train]
        if count >= 3:
            assert validation == 0 or label in y[parts.validation]
            assert test == 0 or label in y[parts.test]


@given(
    y=LABELS,
    nodes=st.integers(1, 20),
    seed=SEEDS,
    scheme=st.sampled_from(["iid", "label_skew", "label_shards"]),
    classes_per_node=st.integers(1, 5),
    keep=st.floats(0.2, 1),
)
def test_shard__any_labels__is_disjoint_complete_and_leaves_nobody_empty(
    y: np.ndarray, nodes: int, seed: int, scheme: str, classes_per_node: int, keep: float
) -> None:
    train = np.flatnonzero(np.random.default_rng(seed).random(len(y)) <= keep)
    if len(train) < nodes:
        train = np.arange(len(y))
    nodes = min(nodes, len(train))
    options = {"nodes": nodes, "seed": seed, "scheme": scheme, "classes_per_node": classes_per_node}
    shards = shard(train, y, **options)
    np.testing.assert_array_equal(np.sort(np.concatenate(shards)), train)
    assert len(shards) == nodes
    assert all(len(part) for part in shards)
    if scheme == "iid":
        sizes = [len(part) for part in shards]
        assert max(sizes) - min(sizes) <= 1
    for part, again in zip(shards, shard(train, y, **options), strict=True):
        np.testing.assert_array_equal(part, again)


@given(y=LABELS, nodes=st.integers(2, 6), seed=SEEDS)
def test_shard__iid__spreads_every_class_evenly(y: np.ndarray, nodes: int, seed: int) -> None:
    if len(y) < nodes:
        return
    shards = shard(np.arange(len(y)), y, nodes=nodes, seed=seed)
    for label in np.unique(y):
        counts = [int((y[part] == label).sum()) for part in shards]
        assert max(counts) - min(counts) <= 1
