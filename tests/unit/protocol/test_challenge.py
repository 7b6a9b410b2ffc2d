"""The choice of segments that are re-run."""

import random
from math import comb

from fl_nodes.protocol import challenge
from tests.unit.protocol.jobs import TRAINERS, commitment

NONCE = "5a" * 32


def test_seed__commitments_in_another_order__is_the_same() -> None:
    made = [commitment(t) for t in TRAINERS]
    assert challenge.seed(NONCE, made) == challenge.seed(NONCE, made[::-1])


def test_seed__another_nonce_or_update__is_another() -> None:
    made = [commitment(t) for t in TRAINERS]
    other = [made[0], commitment(TRAINERS[1], update_sha256="ee" * 32)]
    seeds = {challenge.seed(NONCE, made), challenge.seed("5b" * 32, made), challenge.seed(NONCE, other)}
    assert len(seeds) == 3


def test_commit__published__does_not_reveal_the_nonce_but_binds_it() -> None:
    assert challenge.commit(NONCE) != NONCE
    assert challenge.commit(NONCE) == challenge.commit(NONCE)


def test_segments_to_replay__any_draw__holds_the_last_and_no_segment_twice() -> None:
    for number in range(50):
        drawn = challenge.segments_to_replay(f"seed {number}", "0xT", 9, 3)
        assert drawn[-1] == 8
        assert len(set(drawn)) == 3
        assert list(drawn) == sorted(drawn)
        assert all(0 <= i < 9 for i in drawn)


def test_segments_to_replay__more_samples_than_segments__takes_all() -> None:
    assert challenge.segments_to_replay("s", "0xT", 3, 10) == (0, 1, 2)
    assert challenge.segments_to_replay("s", "0xT", 1, 1) == (0,)
    assert challenge.segments_to_replay("s", "0xT", 0, 4) == ()


def test_segments_to_replay__many_seeds__every_segment_gets_its_turn() -> None:
    drawn = {i for n in range(200) for i in challenge.segments_to_replay(f"{n}", "0xT", 6, 2)}
    assert drawn == set(range(6))


PANEL = ("0xV1", "0xV2", "0xV3")


def test_replayers__any_draw__two_for_the_last_segment_and_one_for_each_other() -> None:
    for number in range(100):
        drawn = challenge.segments_to_replay(f"seed {number}", "0xT", 20, 5)
        who = challenge.replayers(f"seed {number}", "0xT", drawn, PANEL)
        count = {segment: sum(segment in theirs for theirs in who.values()) for segment in drawn}
        assert count == {segment: 2 if segment == 19 else 1 for segment in drawn}
        assert sum(map(len, who.values())) == len(drawn) + 1
        assert max(map(len, who.values())) == 2


def test_replayers__panel_in_another_order__are_the_same() -> None:
    assert challenge.replayers("s", "0xT", (1, 4), PANEL) == challenge.replayers(
        "s", "0xT", (1, 4), PANEL[::-1]
    )


def test_replayers__small_panels__share_what_there_is() -> None:
    assert challenge.replayers("s", "0xT", (1, 4), ("0xV1",)) == {"0xV1": (1, 4)}
    two = challenge.replayers("s", "0xT", (0, 2, 4), ("0xV1", "0xV2"))
    assert sorted(two.values()) == [(0, 4), (2, 4)]
    assert challenge.replayers("s", "0xT", (4,), PANEL).keys() < set(PANEL)
    assert challenge.replayers("s", "0xT", (), PANEL) == {}
    assert challenge.replayers("s", "0xT", (1,), ()) == {}


def test_replayers__many_seeds__everybody_is_drawn_for_everything_alike() -> None:
    """A liar can foresee neither its segments nor who looks at the same: each third goes to each third of the time."""
    others, lasts = dict.fromkeys(PANEL, 0), dict.fromkeys(PANEL, 0)
    for number in range(3000):
        for validator, theirs in challenge.replayers(f"{number}", "0xT", (3, 9), PANEL).items():
            others[validator] += 3 in theirs
            lasts[validator] += 9 in theirs
    assert all(900 < count < 1100 for count in others.values())
    assert all(1900 < count < 2100 for count in lasts.values())


def test_replayers__one_liar_of_three__covers_what_it_is_dealt_and_no_last_one() -> None:
    """What docs/adr says of the chance to be caught, played: some segments are bad, the last one is not. Of eight others the
    liar is dealt three, three or two, by its place in the shuffled panel; five, five or six are left to the honest.
    """
    segments, samples, bad, trials = 40, 9, 10, 4000
    caught = 0
    for number in range(trials):
        drawn = challenge.segments_to_replay(f"{number}", "0xT", segments, samples)
        honest = challenge.replayers(f"{number}", "0xT", drawn, PANEL)
        honest.pop("0xV1", None)
        assert any(segments - 1 in theirs for theirs in honest.values())
        cheated = set(random.Random(number).sample(range(segments - 1), bad))
        caught += any(segment in cheated for theirs in honest.values() for segment in theirs)
    others = segments - 1
    escapes = [comb(others - bad, left) / comb(others, left) for left in (5, 5, 6)]
    assert abs(caught / trials - (1 - sum(escapes) / 3)) < 0.02
