"""Disguised copies and idle nodes are told from honest work, and nobody else is named."""

import numpy as np
import pytest

from backend.verification.likeness import idle, near_copies, relative_distance

pytestmark = pytest.mark.unit


def honest(count: int, size: int = 1000, common: float = 0.7) -> dict[str, np.ndarray]:
    """Updates that share a direction, as those of one round do."""
    random = np.random.default_rng(3)
    shared = random.normal(size=size)
    return {
        f"t{i}": (common * shared + (1 - common) * random.normal(size=size)).astype(np.float32)
        for i in range(count)
    }


def test_near_copies__honest_updates_of_one_direction__names_nobody() -> None:
    updates = honest(10)
    assert near_copies(updates, {f"1 {name}": 1.1 * u for name, u in honest(10, common=0.5).items()}) == ()


def test_near_copies__faintly_disguised_copy__names_both_and_how_near() -> None:
    updates = honest(5)
    noise = np.random.default_rng(1).normal(0, 0.01, 1000)
    updates["t3"] = (updates["t1"] * 1.01 + noise).astype(np.float32)
    found = near_copies(updates, {})
    assert [(f.trainer, f.earlier) for f in found] == [("t1", "t3"), ("t3", "t1")]
    assert all(0 < f.distance < 0.05 for f in found)


def test_near_copies__own_earlier_update__is_named_by_its_round() -> None:
    updates = honest(5)
    found = near_copies(updates, {"round 1 of t2": updates["t2"].copy()})
    assert [(f.trainer, f.earlier, f.distance) for f in found] == [("t2", "round 1 of t2", 0.0)]


def test_near_copies__other_size_or_not_finite__is_like_nothing() -> None:
    updates = {"t0": np.ones(3), "t1": np.ones(4), "t2": np.array([1.0, np.nan, 1.0])}
    assert near_copies(updates, {}) == ()


def test_relative_distance__two_of_no_length__are_equal() -> None:
    assert relative_distance(np.zeros(3), np.zeros(3)) == 0


def test_idle__zero_and_faint_updates__are_named_and_small_shards_are_not() -> None:
    lengths = {"t0": 1.0, "t1": 1.2, "t2": 0.2, "t3": 0.0, "t4": 0.015, "t5": 0.9, "t6": 1.1}
    assert idle(lengths) == {"t3", "t4"}


def test_idle__two_nodes__prove_nothing() -> None:
    assert idle({"t0": 1.0, "t1": 0.0}) == frozenset()
