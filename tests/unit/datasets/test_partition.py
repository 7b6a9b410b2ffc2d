"""Edges of splitting and sharding; the rules themselves are in tests/property/datasets."""

import numpy as np
import pytest

from backend.datasets import DatasetInvalid, shard, split

BALANCED = np.repeat(np.arange(10), 100)


def test_split__defaults__are_65_15_20_percent_of_each_class() -> None:
    parts = split(BALANCED, seed=1)
    for part, each in ((parts.train, 65), (parts.validation, 15), (parts.test, 20)):
        np.testing.assert_array_equal(np.bincount(BALANCED[part]), [each] * 10)


def test_split__same_seed_same_rows_other_seed_other_rows() -> None:
    first, again, other = (split(BALANCED, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.test, again.test)
    assert not np.array_equal(first.test, other.test)


@pytest.mark.parametrize(("count", "parts"), [(1, (1, 0, 0)), (2, (1, 0, 1)), (3, (1, 1, 1)), (4, (2, 1, 1))])
def test_split__rare_class__is_trained_first_then_tested_then_validated(
    count: int, parts: tuple[int, ...]
) -> None:
    y = np.array([0] * 50 + [1] * count)
    found = split(y, seed=0)
    assert tuple(int((y[p] == 1).sum()) for p in (found.train, found.validation, found.test)) == parts


def test_split__zero_fractions__leave_these_parts_empty() -> None:
    parts = split(BALANCED, validation=0, test=0, seed=0)
    assert [len(p) for p in (parts.train, parts.validation, parts.test)] == [1000, 0, 0]


@pytest.mark.parametrize(("validation", "test"), [(0.5, 0.5), (-0.1, 0.2), (0.2, -0.1), (float("nan"), 0.1)])
def test_split__impossible_fractions__are_refused(validation: float, test: float) -> None:
    with pytest.raises(DatasetInvalid) as caught:
        split(BALANCED, validation=validation, test=test, seed=0)
    assert caught.value.code == "split.fractions"


def test_shard__label_skew__gives_each_node_its_two_classes() -> None:
    shards = shard(np.arange(1000), BALANCED, nodes=5, seed=3, scheme="label_skew")
    assert [len(np.unique(BALANCED[part])) for part in shards] == [2] * 5


def test_shard__label_skew_with_too_few_nodes__still_holds_all_classes() -> None:
    shards = shard(np.arange(1000), BALANCED, nodes=2, seed=3, scheme="label_skew")
    assert sorted(len(np.unique(BALANCED[part])) for part in shards) == [5, 5]


def test_shard__label_skew_with_more_nodes_than_rows_of_a_class__leaves_nobody_empty() -> None:
    y = np.array([0] * 20 + [1])
    shards = shard(np.arange(21), y, nodes=8, seed=0, scheme="label_skew", classes_per_node=1)
    assert min(map(len, shards)) >= 1


def test_shard__label_shards__are_equal_and_hold_two_pieces_of_the_sorted_rows() -> None:
    shards = shard(np.arange(1000), BALANCED, nodes=10, seed=3, scheme="label_shards")
    assert [len(part) for part in shards] == [100] * 10
    assert {len(np.unique(BALANCED[part])) for part in shards} <= {1, 2}


def test_shard__label_shards_of_two_classes__give_some_nodes_one_class_alone() -> None:
    y = np.repeat([0, 1], 300)
    held = [
        len(np.unique(y[part]))
        for seed in range(5)
        for part in shard(np.arange(600), y, nodes=10, seed=seed, scheme="label_shards")
    ]
    assert set(held) == {1, 2}


@pytest.mark.parametrize(
    ("nodes", "scheme", "code"),
    [(11, "iid", "shard.too_few_rows"), (0, "iid", "shard.too_few_rows"), (2, "dirichlet", "shard.scheme")],
)
def test_shard__impossible_wish__is_refused(nodes: int, scheme: str, code: str) -> None:
    with pytest.raises(DatasetInvalid) as caught:
        shard(np.arange(10), BALANCED, nodes=nodes, seed=0, scheme=scheme)
    assert caught.value.code == code
