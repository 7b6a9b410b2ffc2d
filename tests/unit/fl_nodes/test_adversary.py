"""Hooks from outside: whatever they return is taken, whatever they lack is honest."""

from pathlib import Path

import numpy as np
import pytest

from fl_nodes.adversary import Adversary, AdversaryContext, load_adversary
from fl_nodes.errors import Refused
from fl_nodes.training.data import Split

CONTEXT = AdversaryContext("0xj", 1, "0xT", 7, 4, 3, 2, 0.1, 2, 1, (np.zeros(2, np.float32),))
SPLIT = Split(np.ones((4, 2), np.float32), np.array([0, 1, 2, 0], np.int32))
WEIGHTS = [np.ones(2, np.float32), np.zeros((1, 2), np.float32)]


def test_nobody__changes_nothing() -> None:
    honest = Adversary()
    assert honest.data(SPLIT, CONTEXT) is SPLIT
    assert honest.segment(WEIGHTS, CONTEXT) is WEIGHTS
    assert honest.update(WEIGHTS, CONTEXT) is WEIGHTS
    assert honest.reading(3.5, CONTEXT) == 3.5


def test_methods_that_return_none__change_nothing_even_if_they_write_into_their_arguments() -> None:
    class Scribbler:
        def on_data(self, x, y, context):
            x[:] = 9

        def on_update(self, update, context):
            update[0][:] = 9

        def on_reading(self, joules, context):
            return None

    vandal = Adversary(Scribbler())
    assert vandal.data(SPLIT, CONTEXT).x.max() == 1
    assert vandal.update(WEIGHTS, CONTEXT)[0].max() == 1
    assert vandal.reading(3.5, CONTEXT) == 3.5


@pytest.mark.parametrize("shape", [list, tuple, lambda arrays: dict(enumerate(arrays)), iter])
def test_returned_arrays__any_collection__is_taken(shape) -> None:
    class Doubler:
        def on_segment(self, weights, context):
            return shape([2 * w for w in weights])

        def on_data(self, x, y, context):
            return {"x": x.astype(np.float64) * 2, "y": y.astype(np.int64)}

    doubler = Adversary(Doubler())
    assert [w.max() for w in doubler.segment(WEIGHTS, CONTEXT)] == [2, 0]
    changed = doubler.data(SPLIT, CONTEXT)
    assert (changed.x.dtype, changed.y.dtype, changed.x.max()) == (np.float32, np.int32, 2)


def test_context__by_attribute_and_by_name__says_the_same() -> None:
    assert CONTEXT["trainer"] == CONTEXT.trainer == CONTEXT.get("trainer") == "0xT"
    assert CONTEXT.get("mood", "none") == "none"
    assert "round" in CONTEXT
    assert "mood" not in CONTEXT
    with pytest.raises(KeyError):
        CONTEXT["mood"]


def test_load__file_outside_the_project__makes_its_class(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("class Mine:\n    def on_reading(self, joules, context):\n        return joules / 2\n")
    assert load_adversary(f"{file}:Mine").reading(3.0, CONTEXT) == 1.5


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "{}:Mine"),
        ("Mine = 3", "{}:Mine"),
        ("import nonesuch", "{}:Mine"),
        ("class", "{}:Mine"),
        ("", "nowhere.py:Mine"),
        ("", "{}"),
    ],
)
def test_load__nothing_there__is_refused_in_a_sentence(tmp_path: Path, text: str, where: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text)
    with pytest.raises(Refused) as caught:
        load_adversary(where.format(file))
    assert caught.value.message.endswith(".")
