"""What the draw promises for any nodes and any seed: order does not matter, and nobody moves another."""

from __future__ import annotations

from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from fl_nodes.protocol.sortition import draw

SEEDS = st.binary(min_size=32, max_size=32)
ADDRESSES = st.integers(1, 2**160 - 1).map(lambda n: f"0x{n:040x}")
WEIGHTS = st.dictionaries(ADDRESSES, st.integers(0, 2**112), min_size=1, max_size=20)


@given(SEEDS, WEIGHTS, st.data())
def test_draw__candidates_in_another_order__draws_the_same(seed, weights, data) -> None:
    shuffled = dict(data.draw(st.permutations(list(weights.items()))))
    assert draw(seed, shuffled, (), 3, keccak) == draw(seed, weights, (), 3, keccak)


@given(SEEDS, WEIGHTS, st.data())
def test_draw__barring_some__never_reshuffles_the_others(seed, weights, data) -> None:
    barred = data.draw(st.sets(st.sampled_from(list(weights))))
    everyone = draw(seed, weights, (), len(weights), keccak)
    assert draw(seed, weights, barred, len(weights), keccak) == tuple(c for c in everyone if c not in barred)


@given(SEEDS, WEIGHTS, ADDRESSES, st.integers(0, 2**112))
def test_draw__one_joins_or_changes_its_weight__the_others_keep_their_order(
    seed, weights, one, weight
) -> None:
    rest = [c for c in draw(seed, weights, (), len(weights), keccak) if c != one]
    after = draw(seed, {**weights, one: weight}, (), len(weights) + 1, keccak)
    assert [c for c in after if c != one] == rest


@given(SEEDS, WEIGHTS, st.integers(0, 5))
def test_draw__anything__draws_different_candidates_with_a_weight(seed, weights, count) -> None:
    drawn = draw(seed, weights, (), count, keccak)
    assert len(drawn) == len(set(drawn)) == min(count, sum(1 for w in weights.values() if w > 0))
    assert all(weights[c] > 0 for c in drawn)


@given(SEEDS, st.dictionaries(ADDRESSES, st.integers(1, 2**100), min_size=1, max_size=20))
def test_draw__all_weights_grow_alike__draws_the_same(seed, weights) -> None:
    """Up to the rounding of the division, which such weights cannot reach."""
    doubled = {candidate: 2 * weight for candidate, weight in weights.items()}
    assert draw(seed, doubled, (), 3, keccak) == draw(seed, weights, (), 3, keccak)
