"""Real files end to end: from bytes to tensors that a model learns from.

`ECODML_DATA` may name a folder with `mnist.npz`, MNIST's test part in IDX form and two UCI tables without headers.
Where it is not set, files of the same form are made from data that ships with scikit-learn.
"""

import csv
import gzip
import io
import os
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.linear_model import LogisticRegression

from backend.datasets import Encoder, Table, inspect, load, pair_idx, shard, split


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = os.environ.get("ECODML_DATA")
    return Path(given) if given else _made(tmp_path_factory.mktemp("data"))


def test_inspect__digits_csv__has_64_inputs_and_ten_classes() -> None:
    found = inspect(_digits(), "digits.csv")
    assert (found.format, found.rows, found.input_shape, found.target) == ("csv", 1797, (64,), "target")
    assert found.classes == [str(i) for i in range(10)]
    assert (sum(found.class_counts), found.warnings) == (1797, [])


def test_encoder__digits_csv__a_linear_model_learns_from_the_parts() -> None:
    assert _accuracy(load(_digits(), "digits.csv")) > 0.93


def test_shard__digits_csv__four_nodes_get_all_training_rows() -> None:
    table = load(_digits(), "digits.csv")
    parts = split(table.y, seed=5)
    shards = shard(parts.train, table.y, nodes=4, seed=5)
    assert sum(map(len, shards)) == len(parts.train)
    assert all(len(np.unique(table.y[rows])) == 10 for rows in shards)


def test_encoder__mixed_csv_with_missing_values__a_linear_model_learns() -> None:
    iris = load_iris()
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["id", "sepal length", "sepal width", "petal length", "colour", "species"])
    for i, (row, kind) in enumerate(zip(iris.data, iris.target, strict=True)):
        colour = ("violet", "blue", "white")[kind] if i % 3 else "?"
        writer.writerow([i, row[0], "NA" if i % 7 == 0 else row[1], row[2], colour, iris.target_names[kind]])
    source = io.BytesIO(text.getvalue().encode())
    found = inspect(source, "iris.csv")
    assert [(c.name, c.kind, c.missing) for c in found.columns] == [
        ("sepal length", "number", 0),
        ("sepal width", "number", 22),
        ("petal length", "number", 0),
        ("colour", "category", 50),
    ]
    assert (found.input_shape, found.classes) == ((6,), ["setosa", "versicolor", "virginica"])
    assert _accuracy(load(source, "iris.csv")) > 0.9


def test_inspect__mnist_npz__training_and_test_part_together(folder: Path) -> None:
    with (folder / "mnist.npz").open("rb") as file:
        found = inspect(file, "mnist.npz")
        table = load(file, "mnist.npz")
    assert (found.format, found.input_shape, found.columns[0].kind) == ("npz", (28, 28), "pixel")
    assert found.classes == [str(i) for i in range(10)]
    x, y = Encoder.fit(table, np.arange(100)).transform(table)
    assert (x.shape, x.dtype, y.dtype) == ((found.rows, 28, 28), np.float32, np.int32)
    assert (float(x.min()), float(x.max())) == (0.0, 1.0)


def test_inspect__mnist_idx_pair__is_the_same_as_in_the_npz(folder: Path) -> None:
    with _opened(folder, "images-idx3") as images, _opened(folder, "labels-idx1") as labels:
        table = load(pair_idx(images, labels), "mnist.zip")
    with (folder / "mnist.npz").open("rb") as file:
        whole = load(file, "mnist.npz")
    assert whole.array is not None
    np.testing.assert_array_equal(table.array, whole.array[-table.rows :])
    np.testing.assert_array_equal(table.y, whole.y[-table.rows :])


@pytest.mark.parametrize(
    ("name", "least"), [("banknote_authentication.csv", 0.95), ("pima-indians-diabetes.csv", 0.68)]
)
def test_encoder__uci_table_without_header__a_linear_model_learns(
    folder: Path, name: str, least: float
) -> None:
    with (folder / name).open("rb") as file:
        found = inspect(file, name)
        table = load(file, name)
    assert not found.has_header
    assert found.target == f"column_{len(found.columns) + 1}"
    assert found.input_shape == (len(found.columns),)
    assert _accuracy(table) > least


def _accuracy(table: Table) -> float:
    """On the test part, of a linear model trained on the training part."""
    parts = split(table.y, seed=7)
    encoder = Encoder.from_json(Encoder.fit(table, parts.train).to_json())
    x, y = encoder.transform(table)
    flat = x.reshape(len(x), -1)
    model = LogisticRegression(max_iter=500).fit(flat[parts.train], y[parts.train])
    return float(model.score(flat[parts.test], y[parts.test]))


def _digits() -> BinaryIO:
    digits = load_digits()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([*digits.feature_names, "target"])
    writer.writerows([*row, label] for row, label in zip(digits.data, digits.target, strict=True))
    return io.BytesIO(text.getvalue().encode())


def _opened(folder: Path, part: str) -> BinaryIO:
    return (folder / f"t10k-{part}-ubyte.gz").open("rb")


def _made(folder: Path) -> Path:
    digits = load_digits()
    images = np.kron(digits.images, np.ones((3, 3))).astype(np.uint8) * 15
    images = np.pad(images, ((0, 0), (2, 2), (2, 2)))
    labels = digits.target.astype(np.uint8)
    # One pixel is white, so that the largest value is the one of bytes, as in MNIST.
    images[0, 10, 10] = 255
    np.savez_compressed(
        folder / "mnist.npz",
        x_train=images[:1500],
        y_train=labels[:1500],
        x_test=images[1500:],
        y_test=labels[1500:],
    )
    for part, array in (("images-idx3", images[1500:]), ("labels-idx1", labels[1500:])):
        header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        (folder / f"t10k-{part}-ubyte.gz").write_bytes(gzip.compress(header + array.tobytes()))
    _table(folder / "banknote_authentication.csv", load_breast_cancer())
    _table(folder / "pima-indians-diabetes.csv", load_wine())
    return folder


def _table(path: Path, data: Any) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([*row, label] for row, label in zip(data.data, data.target, strict=True))
