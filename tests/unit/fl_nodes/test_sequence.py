"""The fixed sequence: every row once per pass, in an order only the seed decides, cut into segments."""

import numpy as np
import pytest

from fl_nodes.protocol.tasks import TrainingSpec
from fl_nodes.training import sequence


def spec(batch: int = 16, passes: int = 3, segment: int = 4, seed: int = 7) -> TrainingSpec:
    return TrainingSpec("sgd", 0.1, batch, passes, segment, seed)


@pytest.mark.parametrize(
    ("examples", "batch", "passes", "segment", "steps", "segments"),
    [
        (100, 16, 3, 4, 21, 6),
        (100, 100, 1, 16, 1, 1),
        (100, 1000, 5, 2, 5, 3),
        (1, 1, 1, 1, 1, 1),
        (64, 16, 4, 16, 16, 1),
    ],
)
def test_steps_and_segments__known_runs__are_counted(
    examples, batch, passes, segment, steps, segments
) -> None:
    asked = spec(batch, passes, segment)
    assert sequence.steps(examples, asked) == steps
    assert sequence.segments(examples, asked) == segments


@pytest.mark.parametrize("segment", [1, 4, 5, 64])
def test_batches__all_segments__show_every_row_once_per_pass(segment: int) -> None:
    asked = spec(segment=segment)
    parts = [sequence.batches(100, asked, i) for i in range(sequence.segments(100, asked))]
    rows = np.concatenate([p.rows for p in parts])
    assert sum(p.steps for p in parts) == sequence.steps(100, asked)
    assert all(p.steps == segment for p in parts[:-1])
    for number in range(3):
        assert sorted(rows[number * 100 : (number + 1) * 100]) == list(range(100))


def test_order__seeds_and_passes__differ_and_repeat() -> None:
    asked = spec()
    assert list(sequence.order(50, asked, 0)) == list(sequence.order(50, asked, 0))
    assert list(sequence.order(50, asked, 0)) != list(sequence.order(50, asked, 1))
    assert list(sequence.order(50, asked, 0)) != list(sequence.order(50, spec(seed=8), 0))


def test_order__this_seed__is_this_order_on_every_machine() -> None:
    assert list(sequence.order(8, spec(seed=7), 0)) == [6, 4, 5, 3, 7, 1, 2, 0]


def test_dropout_seed__segments__have_their_own() -> None:
    assert len({sequence.dropout_seed(spec(), i) for i in range(10)}) == 10
