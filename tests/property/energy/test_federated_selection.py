"""However clean the others are, a node's turn comes."""

from hypothesis import given
from hypothesis import strategies as st

from backend.energy.federated_selection import Member, drawn

GRAMS = st.lists(st.integers(0, 100), min_size=2, max_size=12)


@given(GRAMS, st.integers(1, 4), st.floats(0, 0.2), st.integers(0, 99))
def test_drawn__round_after_round__starves_no_node(
    grams: list[int], wanted: int, weight: float, seed: int
) -> None:
    turns = dict.fromkeys(range(len(grams)), 0)
    most_behind = weight * (max(grams) - min(grams)) + 1
    for _ in range(60):
        members = [Member(str(i), grams[i], turns[i]) for i in turns]
        for node in drawn(members, wanted, weight, seed):
            turns[int(node)] += 1

    assert wanted >= len(grams) or max(turns.values()) - min(turns.values()) <= most_behind + 1


@given(GRAMS, st.integers(1, 4), st.integers(0, 99))
def test_drawn__carbon_does_not_count__turns_differ_by_one_at_most(
    grams: list[int], wanted: int, seed: int
) -> None:
    turns = dict.fromkeys(range(len(grams)), 0)
    for _ in range(20):
        for node in drawn([Member(str(i), grams[i], turns[i]) for i in turns], wanted, 0.0, seed):
            turns[int(node)] += 1

    assert max(turns.values()) - min(turns.values()) <= 1
