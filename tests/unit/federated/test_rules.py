"""The rules on small numbers worked out by hand, and what each refuses."""

import numpy as np
import pytest

from backend.errors import Invalid
from backend.federated import coordinatewise, krum
from backend.federated.fltrust import trusted_shares
from backend.federated.mean import GROUP, NotFinite, WeightedMean
from backend.federated.rules import Rule, combine, most_tolerated, tolerated
from backend.federated.stack import BLOCK_VALUES, ArrayStack, blocks


def stack(*rows: list[float]) -> ArrayStack:
    return ArrayStack([np.array(row, np.float32) for row in rows])


def test_weighted_mean__examples_as_weights__golden() -> None:
    mean = WeightedMean([(2,), ()], 100 + 50 + 10)
    for values, weight in (([1.0, 2.0], 100), ([5.0, -2.0], 50), ([-11.0, 16.0], 10)):
        mean.add([np.array(values, np.float32), np.float32(values[0])], weight)

    vector, scalar = mean.result()

    np.testing.assert_allclose(vector, [1.5, 1.625], atol=1e-7)
    assert scalar == pytest.approx(1.5)


def test_weighted_mean__more_updates_than_a_group__stays_exact_to_float32() -> None:
    random = np.random.default_rng(0)
    updates = [random.normal(size=1000).astype(np.float32) for _ in range(3 * GROUP + 1)]
    mean = WeightedMean([(1000,)], len(updates))
    for update in updates:
        mean.add([update], 1)

    exact = np.mean([u.astype(np.float64) for u in updates], axis=0)

    np.testing.assert_allclose(mean.result()[0], exact, atol=5e-7)


def mean_of(rows: list[list[float]], weights: list[int]) -> np.ndarray:
    mean = WeightedMean([(len(rows[0]),)], sum(weights))
    for row, weight in zip(rows, weights, strict=True):
        mean.add([np.array(row, np.float32)], weight)
    return mean.result()[0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("place", [0, GROUP - 1, GROUP])
def test_weighted_mean__value_not_finite__is_refused(bad: float, place: int) -> None:
    rows = [[1.0, bad if i == place else 0.0, 1.0] for i in range(GROUP + 1)]
    with pytest.raises(NotFinite):
        mean_of(rows, [1] * len(rows))


@pytest.mark.parametrize("weights", [[0, 0], [3, -1]])
def test_weighted_mean__weights_that_make_no_mean__are_refused(weights: list[int]) -> None:
    with pytest.raises(Invalid) as refused:
        mean_of([[1.0], [2.0]], weights)
    assert refused.value.code == "aggregate.weights"


def test_median__odd_and_even_numbers__golden() -> None:
    three = stack([1, 5], [2, -7], [100, 6])
    four = stack([1, 5], [2, -7], [100, 6], [3, 8])

    assert combine(Rule.MEDIAN, three, [1, 1, 1]).update.tolist() == [2, 5]
    assert combine(Rule.MEDIAN, four, [1, 1, 1, 1]).update.tolist() == [2.5, 5.5]


def test_median__largest_float32__does_not_overflow() -> None:
    most = float(np.finfo(np.float32).max)

    assert combine(Rule.MEDIAN, stack([most], [most]), [1, 1]).update.tolist() == [most]


@pytest.mark.parametrize("count", [*range(1, 18), 31, 32, 33, 64])
def test_median__any_number_of_rows__is_numpys(count: int) -> None:
    rows = np.random.default_rng(count).normal(size=(count, 50)).astype(np.float32)

    np.testing.assert_allclose(coordinatewise.median(rows.copy()), np.median(rows, axis=0), rtol=1e-6)


def test_trimmed_mean__one_at_each_end__golden() -> None:
    rows = stack([1, -9], [2, 1], [4, 1], [1000, 4])

    assert combine(Rule.TRIMMED_MEAN, rows, [1] * 4, tolerated=1).update.tolist() == [3, 1]
    assert combine(Rule.TRIMMED_MEAN, rows, [1] * 4, tolerated=0).update.tolist() == [251.75, -0.75]


@pytest.mark.parametrize("trim", [-1, 2])
def test_trimmed_mean__nothing_would_be_left__is_refused(trim: int) -> None:
    with pytest.raises(Invalid) as refused:
        combine(Rule.TRIMMED_MEAN, stack([1], [2], [3], [4]), [1] * 4, tolerated=trim)
    assert refused.value.code == "aggregate.tolerated"


def test_multi_krum__one_far_away__golden() -> None:
    # Five updates on a line, f = 1: scores over the two nearest are 1+4, 1+1, 1+1, 1+4 and far more; two are kept.
    rows = stack([0], [1], [2], [3], [90])

    done = combine(Rule.MULTI_KRUM, rows, [10, 30, 10, 10, 10], tolerated=1)

    assert done.shares == (0, 0.75, 0.25, 0, 0)
    assert done.update.tolist() == [1.25]


def test_squared_distances__updates_that_share_a_large_part__keep_their_small_differences() -> None:
    base = np.random.default_rng(1).normal(size=5000).astype(np.float32) * 100
    near = base.copy()
    near[0] += np.float32(0.5)

    found = krum.squared_distances(ArrayStack([base, near, base]))

    assert found[0, 2] == 0
    assert found[0, 1] == pytest.approx(float(near[0] - base[0]) ** 2, rel=1e-6)


def test_multi_krum__too_few_updates__is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        combine(Rule.MULTI_KRUM, stack([0], [1], [2], [3]), [1] * 4, tolerated=1)
    assert refused.value.code == "aggregate.tolerated"
    assert "needs 5" in refused.value.message


def test_fltrust__directions_against_the_root__golden() -> None:
    # Along the root, across it, against it, and at 45 degrees three times too long.
    rows = stack([2, 0], [0, 5], [-7, 0], [3, 3])
    root = np.array([1, 0], np.float32)

    done = combine(Rule.FLTRUST, rows, [1, 1, 1, 1], root=root)

    half = np.sqrt(0.5)
    np.testing.assert_allclose(done.update, [(1 + half * half) / (1 + half), half * half / (1 + half)])
    assert done.shares[1] == done.shares[2] == 0


def test_fltrust__nobody_goes_along__leaves_the_model_as_it_is() -> None:
    shares = trusted_shares(stack([-1, 0], [0, 0]), np.array([1, 0], np.float32))

    assert shares.tolist() == [0, 0]


@pytest.mark.parametrize("root", [None, np.ones(3, np.float32)])
def test_fltrust__without_a_fitting_root__is_refused(root: np.ndarray | None) -> None:
    with pytest.raises(Invalid) as refused:
        combine(Rule.FLTRUST, stack([1, 2]), [1], root=root)
    assert refused.value.code == "aggregate.root"


@pytest.mark.parametrize(
    ("rule", "count", "most"),
    [
        (Rule.MEAN, 10, 0),
        (Rule.MEDIAN, 10, 4),
        (Rule.TRIMMED_MEAN, 5, 2),
        (Rule.MULTI_KRUM, 4, 0),
        (Rule.MULTI_KRUM, 10, 3),
        (Rule.MULTI_KRUM, 11, 4),
        (Rule.FLTRUST, 10, 10),
    ],
)
def test_most_tolerated__each_rule__is_its_breakdown_point(rule: Rule, count: int, most: int) -> None:
    assert most_tolerated(rule, count) == most


def test_tolerated__share_of_the_updates__is_rounded_up_within_the_rules_bound() -> None:
    assert tolerated(Rule.TRIMMED_MEAN, 10, 0.2) == 2
    assert tolerated(Rule.TRIMMED_MEAN, 4, 0.2) == 1
    assert tolerated(Rule.MULTI_KRUM, 10, 0.4) == 3
    assert tolerated(Rule.MULTI_KRUM, 4, 0.2) == 0


@pytest.mark.parametrize("rule", [Rule.MEAN, Rule.MULTI_KRUM])
def test_combine__weights_and_updates_do_not_pair__is_refused(rule: Rule) -> None:
    with pytest.raises(Invalid) as refused:
        combine(rule, stack([1], [2]), [1])
    assert refused.value.code == "aggregate.updates"


def test_blocks__many_updates__never_hold_more_than_their_bound() -> None:
    seen = 0
    for start, stop, rows in blocks(ArrayStack(np.zeros((64, 50_000), np.float32))):
        assert rows.size <= BLOCK_VALUES
        assert start == seen
        seen = stop
    assert seen == 50_000
