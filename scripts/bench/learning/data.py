"""The bench's datasets through the product's own reading, encoding and splitting. The test rows are the same for all seeds.

MNIST's test rows are its own 10 000; of the others a fifth of each class. No choice of a setting ever looks at them.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from backend.datasets import Encoder, load, shard, split
from scripts.demo.digits import write_digits

MNIST_TRAIN = 60_000
SPLIT_SEED = 0
_READING = threading.Lock()
"""Crews on several threads share what was read; none may see it half made."""

FILES = {
    "mnist": "mnist.npz",
    "banknote": "banknote_authentication.csv",
    "pima": "pima-indians-diabetes.csv",
    "digits": "digits.csv",
}
SCHEMES = {"iid": "iid", "two_classes": "label_skew", "two_shards": "label_shards"}
"""The bench's names of the ways rows are dealt, and the product's."""

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Data:
    """Encoded rows and who may see them. `train` and `validation` are disjoint; `test` is for the last measurement."""

    x: NDArray[np.float32]
    y: NDArray[np.int32]
    classes: int
    train: Rows
    validation: Rows
    test: Rows

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example."""
        return tuple(int(n) for n in self.x.shape[1:])

    def file(self, rows: Rows) -> bytes:
        """These rows as the file that nodes read."""
        return tensors(self.x[rows], self.y[rows])

    def first(self, rows: int, validation: int) -> Data:
        """The same with fewer training and validation rows: stratified draws."""
        return Data(
            self.x,
            self.y,
            self.classes,
            _drawn(self.train, self.y, rows),
            _drawn(self.validation, self.y, validation),
            self.test,
        )


class DataMissing(RuntimeError):
    """A dataset's file is not in the data folder; the text says which."""


def read(name: str, folder: Path) -> Data:
    """A dataset by name; DataMissing where its file is not in `folder`. Digits come from scikit-learn."""
    with _READING:
        return _read(name, folder)


@lru_cache(maxsize=4)
def _read(name: str, folder: Path) -> Data:
    if name == "digits":
        with tempfile.TemporaryDirectory() as made:
            write_digits(Path(made) / FILES[name])
            return _encoded(name, Path(made) / FILES[name])
    return _encoded(name, folder / FILES[name])


def _encoded(name: str, path: Path) -> Data:
    if not path.is_file():
        raise DataMissing(f"{path} is missing: name the folder of the data with --data.")
    with path.open("rb") as file:
        table = load(file, path.name)
    y = np.asarray(table.y)
    if name == "mnist":
        parts = split(y[:MNIST_TRAIN], validation=1 / 6, test=0, seed=SPLIT_SEED)
        train, validation, test = parts.train, parts.validation, np.arange(MNIST_TRAIN, len(y))
    else:
        parts = split(y, seed=SPLIT_SEED)
        train, validation, test = parts.train, parts.validation, parts.test
    x, encoded = Encoder.fit(table, rows=train).transform(table)
    return Data(x, encoded, len(table.classes), train, validation, test)


def deal(data: Data, rows: Rows, nodes: int, scheme: str, seed: int) -> list[Rows]:
    """The rows of each node."""
    return shard(rows, data.y, nodes=nodes, seed=seed, scheme=SCHEMES[scheme])


def tensors(x: NDArray[Any], y: NDArray[Any]) -> bytes:
    """A shard's file."""
    return bytes(save({"x": np.ascontiguousarray(x, np.float32), "y": np.ascontiguousarray(y, np.int32)}))


def held_classes(data: Data, shards: Sequence[Rows]) -> list[int]:
    """How many classes each node holds."""
    return [len(np.unique(data.y[rows])) for rows in shards]


def _drawn(rows: Rows, y: NDArray[np.int32], count: int) -> Rows:
    if count >= len(rows):
        return rows
    drawn = split(y[rows], validation=count / len(rows), test=0, seed=SPLIT_SEED).validation
    return np.asarray(rows[drawn], np.int64)
