"""The bench's data comes through the product's reader, and its test rows are nobody's to train on or to choose by."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load

from scripts.bench.learning.data import DataMissing, deal, held_classes, read

pytestmark = pytest.mark.unit


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    lines = [f"{random.normal():.3f},{random.normal():.3f},{i % 2}" for i in range(200)]
    (tmp_path / "banknote_authentication.csv").write_text("\n".join(lines))
    x, y = random.integers(0, 255, (60_200, 4, 4)).astype(np.uint8), np.arange(60_200) % 10
    np.savez(
        tmp_path / "mnist.npz", x_train=x[:60_000], y_train=y[:60_000], x_test=x[60_000:], y_test=y[60_000:]
    )
    return tmp_path


def test_read__a_table__deals_every_row_to_one_part(folder: Path) -> None:
    data = read("banknote", folder)
    together = np.concatenate([data.train, data.validation, data.test])
    np.testing.assert_array_equal(np.sort(together), np.arange(200))
    assert (data.classes, data.input_shape) == (2, (2,))


def test_read__mnist__keeps_its_own_test_rows_apart(folder: Path) -> None:
    data = read("mnist", folder)
    np.testing.assert_array_equal(data.test, np.arange(60_000, 60_200))
    assert len(data.train) + len(data.validation) == 60_000
    few = data.first(300, 50)
    assert (len(few.train), len(few.validation)) == (300, 50)
    np.testing.assert_array_equal(few.test, data.test)


def test_read__no_such_file__says_which_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        DataMissing, match=r"pima-indians-diabetes\.csv is missing: name the folder .* --data"
    ):
        read("pima", tmp_path)


def test_deal__two_shards_of_two_classes__leaves_some_node_with_one(folder: Path) -> None:
    data = read("banknote", folder)
    shards = deal(data, data.train, 10, "two_shards", 1)
    assert min(held_classes(data, shards)) == 1
    file = load(data.file(shards[0]))
    assert (file["x"].dtype, file["y"].dtype, len(file["y"])) == (np.float32, np.int32, len(shards[0]))
