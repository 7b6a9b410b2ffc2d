"""Which updates `auto` tries to do without."""

from backend.federated.suspicion import UpdateScore, suspects

HONEST = [UpdateScore(0.50 + 0.01 * i, 1.0 + 0.02 * i, 0.8) for i in range(6)]
BEFORE = 0.6


def test_suspects__alike_and_better_than_before__none() -> None:
    assert suspects(HONEST, BEFORE) == ()


def test_suspects__long_and_harmful__is_the_surest() -> None:
    found = suspects([*HONEST, UpdateScore(9.0, 20.0, 0.3)], BEFORE)

    assert found == (frozenset({6}),)


def test_suspects__pointing_away__comes_after_the_surer_set() -> None:
    found = suspects([*HONEST, UpdateScore(9.0, 20.0, 0.3), UpdateScore(0.9, 1.0, -0.5)], BEFORE)

    assert found == (frozenset({6}), frozenset({6, 7}))


def test_suspects__pointing_away_but_helpful__none() -> None:
    assert suspects([*HONEST, UpdateScore(0.4, 1.0, -0.9)], BEFORE) == ()


def test_suspects__loss_before_unknown__looks_at_the_rest() -> None:
    assert suspects([*HONEST, UpdateScore(0.9, 1.0, -0.5)], None) == (frozenset({6}),)


def test_suspects__most_point_away__only_the_worst_fewer_than_half() -> None:
    scores = [UpdateScore(1.0 + i, 1.0, -0.1) for i in range(5)]

    assert suspects(scores, BEFORE) == (frozenset({3, 4}),)


def test_suspects__three_updates__none_can_be_told_apart() -> None:
    assert suspects([*HONEST[:2], UpdateScore(99.0, 99.0, -1.0)], BEFORE) == ()


def test_suspects__all_scores_equal__none() -> None:
    assert suspects([UpdateScore(0.7, 1.0, 0.2)] * 8, BEFORE) == ()
