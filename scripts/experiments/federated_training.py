"""Federated averaging in numpy: a small network on digits, shards of few classes, accuracy on rows that nobody trained on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.datasets.partition import shard
from backend.federated.mean import WeightedMean

Array = npt.NDArray[np.float32]
CLASSES = 10
CLASSES_PER_NODE = 3
HIDDEN = 32
RATE, BATCH = 0.05, 20


@dataclass(frozen=True)
class Digits:
    """Rows of features between 0 and 1, and classes; `source` says which digits these are."""

    x: Array
    y: npt.NDArray[np.int64]
    x_test: Array
    y_test: npt.NDArray[np.int64]
    source: str


def digits(data: Path) -> Digits:
    """MNIST of the folder, images halved to 14 x 14; where there is none the small digits that scikit-learn carries."""
    path = data / "mnist.npz"
    if path.is_file():
        with np.load(path) as file:
            x, x_test = (_halved(file[name]) for name in ("x_train", "x_test"))
            y, y_test = (file[name].astype(np.int64) for name in ("y_train", "y_test"))
        return Digits(x, y, x_test, y_test, "MNIST, 14 x 14")
    from sklearn.datasets import load_digits

    bunch = load_digits()
    order = np.random.default_rng(0).permutation(len(bunch.target))
    x, y = (bunch.data[order] / 16).astype(np.float32), bunch.target[order].astype(np.int64)
    return Digits(x[:1400], y[:1400], x[1400:], y[1400:], "scikit-learn's digits, 8 x 8")


def dealt(of: Digits, nodes: int, rows: int, seed: int) -> tuple[Array, npt.NDArray[np.int64]]:
    """(nodes, rows, features) and (nodes, rows): each node rows of few classes (`CLASSES_PER_NODE` pieces of the sorted rows)."""
    random = np.random.default_rng(seed)
    some = random.choice(len(of.y), min(len(of.y), nodes * rows), replace=False)
    shards = shard(
        some, of.y, nodes=nodes, seed=seed, scheme="label_shards", classes_per_node=CLASSES_PER_NODE
    )
    least = min(len(part) for part in shards)
    chosen = np.stack([part[:least] for part in shards])
    return of.x[chosen], of.y[chosen]


def accuracies(
    of: Digits, x: Array, y: npt.NDArray[np.int64], crews: Sequence[npt.NDArray[Any]], seed: int
) -> npt.NDArray[np.float64]:
    """Accuracy on the test rows after each round; one pass over its shard per node and round, the same start for the same seed."""
    random = np.random.default_rng(seed)
    sizes = (x.shape[2], HIDDEN, CLASSES)
    model = [
        part
        for n, m in pairwise(sizes)
        for part in (
            random.normal(0, np.sqrt(2 / n), (n, m)).astype(np.float32),
            np.zeros(m, np.float32),
        )
    ]
    found = []
    for crew in crews:
        order = random.permutation(x.shape[1])
        updates = _trained(model, x[crew][:, order], y[crew][:, order])
        mean = WeightedMean([part.shape for part in model], float(len(crew)))
        for at in range(len(crew)):
            mean.add([part[at] for part in updates], 1.0)
        model = [part.astype(np.float32) for part in mean.result()]
        found.append(float(np.mean(_scores(model, of.x_test).argmax(axis=1) == of.y_test)))
    return np.array(found)


def _trained(model: Sequence[Array], x: Array, y: npt.NDArray[np.int64]) -> list[Array]:
    """Plain gradient descent in batches, all nodes of a crew side by side: (nodes, ...) for each part of the model."""
    w1, b1, w2, b2 = (np.repeat(part[None], len(x), axis=0) for part in model)
    for start in range(0, x.shape[1], BATCH):
        rows, classes = x[:, start : start + BATCH], y[:, start : start + BATCH]
        hidden = np.maximum(rows @ w1 + b1[:, None], 0)
        error = _softmax(hidden @ w2 + b2[:, None])
        np.put_along_axis(error, classes[..., None], np.take_along_axis(error, classes[..., None], 2) - 1, 2)
        error *= RATE / rows.shape[1]
        back = (error @ w2.transpose(0, 2, 1)) * (hidden > 0)
        w2 -= hidden.transpose(0, 2, 1) @ error
        b2 -= error.sum(axis=1)
        w1 -= rows.transpose(0, 2, 1) @ back
        b1 -= back.sum(axis=1)
    return [w1, b1, w2, b2]


def _scores(model: Sequence[Array], x: Array) -> Array:
    w1, b1, w2, b2 = model
    found: Array = np.maximum(x @ w1 + b1, 0) @ w2 + b2
    return found


def _softmax(scores: Array) -> Array:
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    found: Array = powers / powers.sum(axis=-1, keepdims=True)
    return found


def _halved(images: npt.NDArray[np.uint8]) -> Array:
    size = images.shape[1] // 2
    means = images.reshape(len(images), size, 2, size, 2).mean(axis=(2, 4))
    return np.asarray((means / 255).reshape(len(images), -1), np.float32)
