"""A score word says what was done, as far as it has room, and never more."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from fl_nodes.protocol.payout import Scheme, Work, shares
from fl_nodes.protocol.scores import FIELDS, decode, encode

ANY = st.integers(-(2**80), 2**80)
FITTING = {name: st.integers(0, (1 << bits) - 1) for name, bits in FIELDS}
WORK = st.builds(Work, st.just("t"), **FITTING)


@given(WORK)
def test_decode__what_fits__comes_back_whole(work: Work) -> None:
    assert decode(encode(work), "t") == work


@given(st.binary(min_size=32, max_size=32))
def test_encode__what_any_word_says__is_that_word(word: bytes) -> None:
    assert encode(decode(word, "t")) == word


@given(st.builds(Work, st.just("t"), ANY, ANY, ANY, ANY, ANY, ANY))
def test_encode__anything__is_the_nearest_that_fits(work: Work) -> None:
    nearest = {name: max(0, min(getattr(work, name), (1 << bits) - 1)) for name, bits in FIELDS}
    assert decode(encode(work), "t") == replace(work, **nearest)


@given(st.integers(0, 10**30), st.sampled_from(Scheme), st.lists(WORK, min_size=1, max_size=16))
def test_shares__from_words_alone__are_those_of_the_work(
    fee_wei: int, scheme: Scheme, work: list[Work]
) -> None:
    again = [decode(encode(done), "t") for done in work]
    assert shares(scheme, fee_wei, 200, again) == shares(scheme, fee_wei, 200, work)
