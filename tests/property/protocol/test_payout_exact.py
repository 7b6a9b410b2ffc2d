"""Money is divided to the wei, whatever the scores."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from fl_nodes.protocol.payout import Scheme, Weights, Work, commission, divide, shares

WEI = st.integers(0, 10**30)
PPM = st.integers(0, 1_000_000)
COUNT = st.integers(0, 10**12)
WORK = st.builds(Work, st.just("t"), PPM, PPM, COUNT, COUNT, COUNT, PPM, PPM)
WEIGHTS = st.lists(st.integers(0, 100), min_size=5, max_size=5).map(
    lambda cuts: Weights(*(b - a for a, b in pairwise([0, *sorted(cuts), 100])))
)


@given(WEI, st.lists(st.integers(0, 10**18), min_size=1, max_size=64))
def test_divide__anything__sums_exactly_and_stays_within_a_wei_of_fair(pot: int, weights: list[int]) -> None:
    parts = divide(pot, weights)
    assert sum(parts) == pot
    total = sum(weights)
    if total:
        assert all(0 <= p * total - pot * w + total <= 2 * total for p, w in zip(parts, weights, strict=True))
        assert all(p == 0 for p, w in zip(parts, weights, strict=True) if w == 0)


@given(WEI, st.integers(0, 500), st.sampled_from(Scheme), st.lists(WORK, min_size=1, max_size=16), WEIGHTS)
def test_shares__any_work__together_with_the_commission_are_the_fee(
    fee: int, bps: int, scheme: Scheme, work: list[Work], weights: Weights
) -> None:
    paid = shares(scheme, fee, bps, work, weights)
    assert sum(paid) + commission(fee, bps) == fee
    assert min(paid) >= 0


@given(WEI, st.lists(st.integers(0, 1000), min_size=2, max_size=16))
def test_divide__more_weight__never_earns_less(pot: int, weights: list[int]) -> None:
    parts = divide(pot, weights)
    ranked = sorted(zip(weights, parts, strict=True))
    assert all(a[1] <= b[1] for a, b in pairwise(ranked) if a[0] < b[0])


@given(WEI, st.lists(WORK, min_size=1, max_size=8), st.integers(0, 10**6), WEIGHTS)
def test_composite__more_contribution__never_earns_less(
    fee: int, work: list[Work], more: int, weights: Weights
) -> None:
    better = replace(work[0], contribution_ppm=work[0].contribution_ppm + more)
    before = shares(Scheme.COMPOSITE, fee, 200, work, weights)
    assert shares(Scheme.COMPOSITE, fee, 200, [better, *work[1:]], weights)[0] >= before[0]


@example(10**18, [Work("t", 0, 0, 5, 0, 0, 0)] * 2, Weights(0, 0, 0, 0, 0, 100))
@given(WEI, st.lists(WORK, min_size=1, max_size=8), WEIGHTS)
def test_composite__the_same_work_under_two_names__earns_what_it_earned_under_one(
    fee: int, work: list[Work], weights: Weights
) -> None:
    """To the wei that each of the two may win in rounding, as long as anybody did anything."""
    amounts = ("examples", "milliseconds", "millijoules", "contribution_ppm")
    halved = work[0]
    whole = replace(halved, **{name: 2 * getattr(halved, name) for name in amounts})
    alone = shares(Scheme.COMPOSITE, fee, 200, [whole, *work[1:]], weights)
    split = shares(Scheme.COMPOSITE, fee, 200, [halved, halved, *work[1:]], weights)
    if any(alone[1:]) and any(w.examples for w in work):
        assert abs(split[0] + split[1] - alone[0]) <= 2
