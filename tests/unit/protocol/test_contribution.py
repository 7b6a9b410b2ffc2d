"""Contributions of games whose values are known, and how many evaluations they take."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest

from fl_nodes.protocol.contribution import Game, Utility, contributions, exact, leave_one_out, sampled

Worth = Callable[[frozenset[int]], float]


def each(worth: Worth, asked: list[frozenset[int]] | None = None) -> Utility:
    """A utility that looks at one subset after the other, and notes which."""

    def utility(subsets: Sequence[frozenset[int]]) -> list[float]:
        if asked is not None:
            asked.extend(subsets)
        return [worth(s) for s in subsets]

    return utility


def additive(*worth: float) -> Worth:
    return lambda subset: sum(worth[i] for i in subset)


def diminishing(*steps: float) -> Worth:
    """What a mean of steps in one direction is worth when each further one counts less."""
    return lambda subset: 1.0 - math.exp(-sum(steps[i] for i in subset))


def test_exact__gloves__are_the_values_of_the_textbook() -> None:
    """One left and two right gloves; a pair is worth 1: 2/3 for the left, 1/6 for each right."""

    def pair(subset: frozenset[int]) -> float:
        return float(0 in subset and len(subset) > 1)

    assert exact(Game(3, each(pair))) == pytest.approx((2 / 3, 1 / 6, 1 / 6))


@pytest.mark.parametrize("evaluations", [1, 8, 20, 40, 400])
def test_contributions__whoever_adds_nothing__gets_nothing(evaluations: int) -> None:
    found = contributions(6, each(diminishing(0.3, 0.0, 0.2, 0.4, 0.0, 0.1)), evaluations, 7)
    assert (found[1], found[4]) == (0.0, 0.0)
    assert min(found[i] for i in (0, 2, 3, 5)) > 0


def test_contributions__harm__is_below_zero() -> None:
    assert contributions(3, each(additive(0.4, -0.3, 0.2)), 40, 1) == pytest.approx((0.4, -0.3, 0.2))


@pytest.mark.parametrize("players", [2, 4, 6, 8])
def test_sampled__beside_exact__is_is_near_and_sums_alike(players: int) -> None:
    game = each(diminishing(*(0.05 + 0.1 * ((7 * i) % 5) for i in range(players))))
    oracle, found = exact(Game(players, game)), sampled(Game(players, game), 80, 3)
    assert found == pytest.approx(oracle, abs=0.015)
    assert sum(found) == pytest.approx(sum(oracle), abs=1e-3)


def test_sampled__interactions_in_pairs__are_exact_from_one_order_and_its_reverse() -> None:
    def pairs(subset: frozenset[int]) -> float:
        return sum(0.1 * (i + 1) for i in subset) - sum(0.01 * i * j for i in subset for j in subset if i < j)

    assert sampled(Game(7, each(pairs)), 14, 5) == pytest.approx(exact(Game(7, each(pairs))))


@pytest.mark.parametrize(
    ("players", "evaluations", "most"), [(4, 40, 16), (5, 40, 32), (10, 40, 40), (16, 40, 40), (30, 40, 32)]
)
def test_contributions__evaluations__stay_within_their_number(
    players: int, evaluations: int, most: int
) -> None:
    asked: list[frozenset[int]] = []
    game = diminishing(*(0.02 * (i + 1) for i in range(players)))
    contributions(players, each(game, asked), evaluations, 1)
    assert len(asked) == len(set(asked)) <= most


def test_contributions__too_few_evaluations__leave_one_out() -> None:
    game = each(diminishing(0.3, 0.2, 0.1, 0.4))
    assert contributions(4, game, 5, 1) == leave_one_out(Game(4, game))


def test_contributions__a_round_that_gained_nothing__is_not_looked_into() -> None:
    asked: list[frozenset[int]] = []
    assert contributions(10, each(lambda s: 0.5 + 1e-5 * len(s), asked), 40, 1) == (0.0,) * 10
    assert len(asked) == 2


def test_sampled__the_same_seed__is_the_same_and_truncation_saves() -> None:
    asked: list[frozenset[int]] = []
    game = diminishing(*[5.0] * 12)
    first = sampled(Game(12, each(game, asked)), 40, 9)
    assert first == sampled(Game(12, each(game)), 40, 9)
    assert len(asked) < 40
    assert contributions(0, each(game), 40, 9) == ()
