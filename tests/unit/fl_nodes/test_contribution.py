"""What updates contribute to a model whose loss is known by hand: its distance from where it should be."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pytest

from fl_nodes.training.contribution import Player, measured, some
from fl_nodes.training.data import Split
from fl_nodes.training.engine import Engine

ROWS = Split(np.zeros((4, 1), np.float32), np.zeros(4, np.int32))
TARGET = np.array([1.0, 1.0, 1.0, 1.0], np.float32)
START = [np.zeros(4, np.float32)]


class Bowl:
    """An engine whose loss grows with the square of the distance from a target."""

    def stacked(self, start: list[Any], steps: list[Any]) -> tuple[Any, Any]:
        return start[0], np.stack([step[0] for step in steps])

    def losses(self, start: Any, steps: Any, shares: Any, _: Split) -> Any:
        with np.errstate(over="ignore"):
            return np.square(start + shares @ steps - TARGET).sum(axis=1)


def loss(point: Any) -> float:
    return float(np.square(point - TARGET).sum())


def player(name: str, *step: float, examples: int = 100) -> Player:
    return Player(name, [np.array(step, np.float32)], examples)


def found(*players: Player, evaluations: int = 40) -> tuple[float, ...]:
    return measured(cast("Engine", Bowl()), START, players, ROWS, evaluations, 1)


AHEAD = player("ahead", 1, 1, 1, 1)
ONE_SIDED = player("one-sided", 3, 0, 0, 0)
AGAINST = player("against", -0.5, -0.5, -0.5, -0.5)
IDLE = player("idle", 0, 0, 0, 0)


def test_measured__all_together__sum_to_what_the_mean_gained() -> None:
    gained = np.exp(-np.square((AHEAD.arrays[0] + ONE_SIDED.arrays[0]) / 2 - TARGET).sum()) - np.exp(-4.0)
    assert sum(found(AHEAD, ONE_SIDED)) == pytest.approx(float(gained))


def test_measured__no_work__contributes_nothing_and_harm_less() -> None:
    ahead, idle, against = found(AHEAD, IDLE, AGAINST)
    assert idle == 0.0
    assert against < 0 < ahead


def test_measured__unusual_data__is_worth_its_part_of_the_mean() -> None:
    """At full length the one-sided step would leave the model worse than it was."""
    assert loss(ONE_SIDED.arrays[0]) > loss(START[0])
    others = player("others", 0, 1, 1, 1)
    assert min(found(others, ONE_SIDED)) > 0


@pytest.mark.parametrize("evaluations", [1, 8, 40])
def test_measured__a_copy__takes_half_and_adds_nothing(evaluations: int) -> None:
    alone = found(AHEAD, ONE_SIDED, AGAINST, evaluations=evaluations)
    first, other, against, second = found(AHEAD, ONE_SIDED, AGAINST, AHEAD, evaluations=evaluations)
    assert first == second
    assert (first + second, other, against) == pytest.approx(alone)


def test_measured__more_examples__weigh_more_in_the_mean() -> None:
    big, small = player("big", 1, 0, 0, 0, examples=300), player("small", 0, 1, 0, 0)
    assert found(big, small)[0] > 2 * found(big, small)[1] > 0


def test_measured__a_model_that_is_not_finite__is_worth_nothing() -> None:
    endless = player("endless", *[np.finfo(np.float32).max] * 4)
    ahead, wreck = found(AHEAD, endless)
    assert wreck < 0
    assert np.isfinite([ahead, wreck]).all()


def test_some__of_a_large_split__is_the_same_for_everybody_and_seldom_the_same_again() -> None:
    split = Split(np.arange(1000, dtype=np.float32)[:, None], np.arange(1000, dtype=np.int32))
    chosen = some(split, 64, 5)
    assert chosen.examples == len(set(chosen.y.tolist())) == 64
    assert chosen.y.tolist() == some(split, 64, 5).y.tolist() != some(split, 64, 6).y.tolist()
    assert (chosen.x[:, 0] == chosen.y).all()
    assert some(split, 1000, 5) is split
