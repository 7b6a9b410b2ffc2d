"""Followers' positions and landmarks, effects done again, rating steps dropped: what a reorganisation needs of every store."""

from __future__ import annotations

from backend.domain.effects import PayOut, SetBaseline
from backend.domain.rating_step import JOINED, RatingStep
from backend.ports import Landmark
from tests.conformance.conftest import Stores

ONE, TWO, THREE = (Landmark(n, f"0x{n}", float(n), told=True) for n in (10, 20, 30))


def test_landmarks__of_one_follower__are_its_own_newest_first(stores: Stores) -> None:
    for landmark in (ONE, THREE, TWO):
        stores.cursors.mark("market", landmark)
    stores.cursors.mark("carbon", Landmark(99, "0x99", 1.0, told=True))
    assert stores.cursors.landmarks("market") == [THREE, TWO, ONE]
    assert stores.cursors.landmarks("nobody") == []


def test_landmarks__blocks_that_told_nothing__only_the_newest_is_kept(stores: Stores) -> None:
    quiet, quieter = Landmark(15, "0xq", 2.0), Landmark(18, "0xr", 3.0)
    for landmark in (ONE, quiet, quieter):
        stores.cursors.mark("market", landmark)
    assert stores.cursors.landmarks("market") == [quieter, ONE]
    stores.cursors.mark("market", TWO)
    assert stores.cursors.landmarks("market") == [TWO, quieter, ONE]


def test_landmarks__same_block_again__has_its_new_hash(stores: Stores) -> None:
    stores.cursors.mark("market", ONE)
    again = Landmark(10, "0xother", 9.0, told=True)
    stores.cursors.mark("market", again)
    assert stores.cursors.landmarks("market") == [again]


def test_landmarks__forgotten_from_a_block_on__the_earlier_stay(stores: Stores) -> None:
    for landmark in (ONE, TWO, THREE):
        stores.cursors.mark("market", landmark)
    stores.cursors.forget("market", 20)
    assert stores.cursors.landmarks("market") == [ONE]


def test_landmarks__very_many__the_newest_stay(stores: Stores) -> None:
    for n in range(300):
        stores.cursors.mark("market", Landmark(n, f"0x{n}", float(n), told=True))
    kept = stores.cursors.landmarks("market")
    assert (len(kept), kept[0].block) == (256, 299)


def test_redo__done_since_then__is_open_again_and_what_was_before_is_not(stores: Stores) -> None:
    early, late, given_up = (PayOut("t_1", f"0x{n}", f"settled:{n}") for n in range(3))
    other = SetBaseline("0xA", 1, 0, 6000)
    stores.effects.add([early, late, given_up, other])
    stores.effects.done(early.key, {"tx": "0x1"})
    stores.clock.advance(100.0)
    since = stores.clock()
    stores.effects.done(late.key, {"tx": "0x2"})
    stores.effects.fail(given_up.key, "chain.rejected", "No.")
    stores.effects.done(other.key, {"tx": "0x3"})
    assert stores.effects.redo(["PayOut"], since) == 2
    assert [stores.effects.state(e.key) for e in (early, late, given_up, other)] == [
        "done",
        "open",
        "open",
        "done",
    ]
    assert {q.effect for q in stores.effects.pending(["PayOut"])} == {late, given_up}
    assert stores.effects.redo(["PayOut", "SetBaseline"], 0.0) == 2


def test_rating_steps__forgotten_from_a_block_on__the_earlier_stay(stores: Stores) -> None:
    steps = [RatingStep("0xA", JOINED, 0, 1, block, 0, f"0x{block}") for block in (5, 6, 7)]
    stores.rating_steps.add(steps)
    stores.rating_steps.forget(6)
    assert stores.rating_steps.of("0xA") == steps[:1]
