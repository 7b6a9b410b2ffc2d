"""What every rule promises, on generated updates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as of

from backend.federated.mean import WeightedMean
from backend.federated.rules import Combined, Rule, combine, most_tolerated
from backend.federated.stack import ArrayStack

VALUES = st.floats(-100, 100, width=32)
EACH_RULE = pytest.mark.parametrize("rule", list(Rule))


@st.composite
def rounds(draw, least: int = 1, most: int = 9):
    """(rows, weights, root): a round's updates."""
    count, size = draw(st.integers(least, most)), draw(st.integers(1, 6))
    rows = draw(of.arrays(np.float32, (count, size), elements=VALUES))
    weights = draw(st.lists(st.integers(1, 1000), min_size=count, max_size=count))
    root = draw(of.arrays(np.float32, size, elements=VALUES))
    return rows, weights, root


def fold(rule: Rule, rows: np.ndarray, weights: list[int], root: np.ndarray) -> Combined:
    return combine(rule, ArrayStack(rows), weights, most_tolerated(rule, len(rows)), root)


@EACH_RULE
@given(round_=rounds(), seed=st.integers(0, 1000))
def test_any_rule__updates_in_another_order__same_result(rule: Rule, round_, seed: int) -> None:
    rows, weights, root = round_
    # Equal scores are decided by order: tell the updates apart.
    rows = rows + np.random.default_rng(seed).uniform(-1, 1, rows.shape).astype(np.float32)
    order = np.random.default_rng(seed).permutation(len(rows))

    shuffled = fold(rule, rows[order], [weights[i] for i in order], root)

    np.testing.assert_allclose(shuffled.update, fold(rule, rows, weights, root).update, atol=1e-4)


@pytest.mark.parametrize("rule", [r for r in Rule if r is not Rule.FLTRUST])
@given(round_=rounds(), shift=of.arrays(np.float32, 1, elements=VALUES))
def test_rule_without_root__all_updates_moved__result_moves_along(rule: Rule, round_, shift) -> None:
    rows, weights, root = round_
    rows = rows + np.arange(len(rows), dtype=np.float32)[:, None] ** 2
    moved = (rows + shift).astype(np.float32)

    difference = fold(rule, moved, weights, root).update - fold(rule, rows, weights, root).update

    np.testing.assert_allclose(difference, np.full(rows.shape[1], shift[0]), atol=1e-2)


@pytest.mark.parametrize("rule", [r for r in Rule if r is not Rule.FLTRUST])
@given(round_=rounds())
def test_rule_without_root__all_updates_equal__is_that_update(rule: Rule, round_) -> None:
    rows, weights, root = round_
    same = np.repeat(rows[:1], len(rows), axis=0)

    np.testing.assert_allclose(fold(rule, same, weights, root).update, rows[0], atol=1e-4)


@given(round_=rounds())
def test_fltrust__all_updates_equal_the_root__is_the_root(round_) -> None:
    rows, weights, root = round_
    same = np.repeat(root[None, :], len(rows), axis=0)

    np.testing.assert_allclose(fold(Rule.FLTRUST, same, weights, root).update, root, atol=1e-3)


@pytest.mark.parametrize("rule", [Rule.MEDIAN, Rule.TRIMMED_MEAN])
@given(round_=rounds(least=3), bad=st.sampled_from([-1e30, -1.0, 0.0, 7.5, 1e30]), seed=st.integers(0, 99))
def test_coordinatewise_rule__fewer_than_half_are_arbitrary__stays_among_the_honest(
    rule: Rule, round_, bad: float, seed: int
) -> None:
    rows, weights, root = round_
    liars = np.random.default_rng(seed).permutation(len(rows))[: most_tolerated(rule, len(rows))]
    honest = np.delete(rows, liars, axis=0)
    rows = rows.copy()
    rows[liars] = bad

    found = fold(rule, rows, weights, root).update

    slack = 1e-3
    assert (found >= honest.min(axis=0) - slack).all()
    assert (found <= honest.max(axis=0) + slack).all()


@given(round_=rounds(least=5), bad=st.sampled_from([1e4, -1e4, 3e8]), seed=st.integers(0, 99))
def test_multi_krum__tolerated_number_goes_far_away__none_of_them_counts(
    round_, bad: float, seed: int
) -> None:
    rows, weights, root = round_
    liars = set(
        np.random.default_rng(seed).permutation(len(rows))[: most_tolerated(Rule.MULTI_KRUM, len(rows))]
    )
    rows = rows.copy()
    for i in liars:
        rows[i] = bad

    shares = fold(Rule.MULTI_KRUM, rows, weights, root).shares

    # Liars who agree among themselves are still fewer than the neighbours a score looks at.
    assert all(shares[i] == 0 for i in liars)


@given(round_=rounds(), scale=st.sampled_from([1e-3, 10.0, 1e6]))
def test_fltrust__one_update_is_scaled__changes_nothing(round_, scale: float) -> None:
    rows, weights, root = round_
    scaled = rows.copy()
    scaled[0] = rows[0] * np.float32(scale)
    if np.abs(rows[0]).max() < 1e-3:
        return

    np.testing.assert_allclose(
        fold(Rule.FLTRUST, scaled, weights, root).update,
        fold(Rule.FLTRUST, rows, weights, root).update,
        atol=1e-2,
    )


@given(round_=rounds())
def test_fltrust__whatever_comes__is_never_longer_than_the_root(round_) -> None:
    rows, weights, root = round_

    update = fold(Rule.FLTRUST, rows, weights, root).update
    assert np.linalg.norm(update) <= np.linalg.norm(root.astype(np.float64)) * (1 + 1e-6)


@pytest.mark.parametrize("rule", [Rule.MEAN, Rule.MULTI_KRUM, Rule.FLTRUST])
@given(round_=rounds())
def test_weighted_rule__its_shares__make_the_result(rule: Rule, round_) -> None:
    rows, weights, root = round_

    done = fold(rule, rows, weights, root)

    np.testing.assert_allclose(done.update, np.array(done.shares) @ rows.astype(np.float64), atol=1e-6)


@given(round_=rounds())
def test_mean__a_weight_of_two__is_the_update_twice(round_) -> None:
    rows, weights, root = round_
    doubled = [2 * weights[0], *weights[1:]]
    twice = np.concatenate([rows[:1], rows])

    np.testing.assert_allclose(
        fold(Rule.MEAN, rows, doubled, root).update,
        fold(Rule.MEAN, twice, [weights[0], *weights], root).update,
        atol=1e-6,
    )


@settings(max_examples=50)
@given(round_=rounds(most=40))
def test_streaming_mean__any_round__is_the_rule_of_the_stack(round_) -> None:
    rows, weights, root = round_
    mean = WeightedMean([(rows.shape[1],)], sum(weights))
    for row, weight in zip(rows, weights, strict=True):
        mean.add([row], weight)

    np.testing.assert_allclose(mean.result()[0], fold(Rule.MEAN, rows, weights, root).update, atol=1e-4)
