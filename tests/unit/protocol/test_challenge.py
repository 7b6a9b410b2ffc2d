"""The choice of segments that are re-run."""

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
