"""Who is asked in a round in which not all take part."""

from collections import Counter

import pytest

from fl_nodes.protocol.participation import drawn

CREW = tuple(f"0xT{i}" for i in range(7))


@pytest.mark.parametrize("count", [2, 3, 5, 6])
def test_drawn__after_any_round__turns_differ_by_one_at_most(count: int) -> None:
    turns = Counter(dict.fromkeys(CREW, 0))
    for number in range(1, 40):
        asked = drawn(11, number, CREW, count)
        assert len(set(asked)) == count
        turns.update(asked)
        assert max(turns.values()) - min(turns.values()) <= 1


def test_drawn__repeated_or_in_another_order__is_the_same() -> None:
    assert drawn(11, 5, CREW, 3) == drawn(11, 5, CREW[::-1], 3)


def test_drawn__other_seeds__ask_others_and_everybody_in_turn() -> None:
    first = Counter(trainer for seed in range(700) for trainer in drawn(seed, 1, CREW, 2))
    assert set(first) == set(CREW)
    assert all(150 < count < 250 for count in first.values())


def test_drawn__no_more_than_wanted__asks_all() -> None:
    assert drawn(1, 3, CREW, 7) == CREW
    assert drawn(1, 3, CREW[:2], 9) == CREW[:2]
