"""`python -m scripts.bench.rules`: what each rule of aggregation costs and withstands, by scores alone.

Nodes and their attacks are simulated in numpy around the product's own rules; nothing is re-executed, so this is what is left to
the rules where evidence has not yet spoken. A network with one hidden layer, a pass over the shard a round.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.datasets.partition import shard
from backend.federated.rules import Rule, combine, tolerated
from backend.federated.stack import ArrayStack
from backend.federated.suspicion import UpdateScore, suspects

Array = npt.NDArray[Any]

NODES, ROUNDS = 10, 25
ROWS, CHECKED, TESTED = 8000, 1500, 5000
FEATURES, HIDDEN, CLASSES = 784, 48, 10
SHAPES = ((FEATURES, HIDDEN), (HIDDEN,), (HIDDEN, CLASSES), (CLASSES,))
RATE, BATCH = 0.1, 32
ROOT_ROWS, ROOT_PASSES = 100, 7
AUTOS = ("auto", "leave_out", "suspicion")
WAYS = ("honest", *AUTOS, *(rule.value for rule in Rule))
"""`honest` is the mean of the honest updates: nobody can do better without knowing more. `leave_out` is `auto` that does not try
FLTrust; `suspicion` moreover leaves all suspects out without asking whether the model is better for it.
"""
ATTACKS = (
    ("none", 0),
    ("sign flip", 2),
    ("sign flip", 4),
    ("sign flip x4", 2),
    ("noise x5", 4),
    ("label flip", 4),
    ("small shift", 4),
)


def main() -> int:
    """Prints a row for each partition and attack: mean test accuracy in percent, by rule."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.rules", description=__doc__)
    given = os.environ.get("ECODML_BENCH_DATA")
    parser.add_argument(
        "--data",
        type=Path,
        required=given is None,
        default=Path(given or ".") / "mnist.npz",
        help="mnist.npz (default: in the folder ECODML_BENCH_DATA)",
    )
    parser.add_argument("--markdown", action="store_true", help="a table instead of JSON lines")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--attacks", nargs="+", choices=sorted({a for a, _ in ATTACKS}))
    options = parser.parse_args()
    with np.load(options.data) as file:
        data = dict(file)
    started = time.monotonic()
    if options.markdown:
        print(_line(("partition", "attack", "nodes that lie", *options.ways)))
        print("|" + "---|" * (3 + len(options.ways)))
    for partition in ("iid", "label_skew"):
        for attack, liars in ATTACKS:
            if options.attacks and attack not in options.attacks:
                continue
            row: dict[str, Any] = {"partition": partition, "attack": attack, "liars": liars}
            for way in options.ways:
                plays = [Play(data, partition, attack, liars, way, s) for s in range(options.seeds)]
                row[way] = round(100 * float(np.mean([p.run() for p in plays])), 1)
                if way in AUTOS:
                    row[f"{way}_honest_left_out"] = sum(p.honest_left_out for p in plays)
                    row[f"{way}_looked_again"] = f"{sum(p.looked_again for p in plays)}/{ROUNDS * len(plays)}"
            row["seconds"] = round(time.monotonic() - started)
            cells = (partition, attack, liars, *(row[way] for way in options.ways))
            print(_line(cells) if options.markdown else json.dumps(row), flush=True)
    return 0


def _line(cells: Sequence[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"


class Play:
    """One federation: partition, attack and rule."""

    def __init__(self, data: Any, partition: str, attack: str, liars: int, way: str, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        order = self._random.permutation(len(data["y_train"]))
        x, y = data["x_train"].reshape(-1, FEATURES) / np.float32(255), data["y_train"].astype(np.int64)
        trained, checked = order[:ROWS], order[ROWS : ROWS + CHECKED]
        pieces = shard(trained, y, nodes=NODES, seed=seed, scheme=partition)
        self._shards = [(x[rows], y[rows]) for rows in pieces]
        self._checked = (x[checked], y[checked])
        root = np.concatenate([checked[y[checked] == c][: ROOT_ROWS // CLASSES] for c in range(CLASSES)])
        self._root = (x[root], y[root])
        tested = data["x_test"][:TESTED].reshape(-1, FEATURES) / np.float32(255)
        self._tested = (tested, data["y_test"][:TESTED].astype(np.int64))
        self._attack, self._way = attack, way
        self._liars = frozenset(int(i) for i in self._random.permutation(NODES)[:liars])
        self._loss: float | None = None
        self.honest_left_out = 0
        self.looked_again = 0
        """Rounds in which something was suspect, which cost `auto` further aggregations and evaluations."""

    def run(self) -> float:
        """Test accuracy after the last round."""
        scale = [np.sqrt(2 / s[0]) if len(s) == 2 else 0.0 for s in SHAPES]
        weights = _flat([self._random.normal(scale=c, size=s) for c, s in zip(scale, SHAPES, strict=True)])
        for _ in range(ROUNDS):
            weights = (weights + self._folded(weights, self._updates(weights))).astype(np.float32)
            self._loss = _measured(weights, *self._checked)[0]
        return _measured(weights, *self._tested)[1]

    def _updates(self, weights: Array) -> list[Array]:
        flipped = self._liars if self._attack == "label flip" else frozenset()
        honest = [
            _trained(weights, x, CLASSES - 1 - y if i in flipped else y, self._random) - weights
            for i, (x, y) in enumerate(self._shards)
        ]
        return [self._lie(u, honest) if i in self._liars else u for i, u in enumerate(honest)]

    def _lie(self, update: Array, honest: list[Array]) -> Array:
        if self._attack == "sign flip":
            return -update
        if self._attack == "sign flip x4":
            return np.float32(-4) * update
        if self._attack == "noise x5":
            noise = self._random.normal(size=update.size)
            scaled = 5 * np.linalg.norm(update) / np.linalg.norm(noise) * noise
            return np.asarray(scaled, np.float32)
        if self._attack == "small shift":  # "a little is enough" (Baruch et al. 2019)
            return np.asarray(np.mean(honest, axis=0) - np.std(honest, axis=0), np.float32)
        return update

    def _folded(self, weights: Array, updates: list[Array]) -> Array:
        stack, examples = ArrayStack(updates), [len(y) for _, y in self._shards]
        if self._way == "honest":
            return combine(
                Rule.MEAN, stack, [0 if i in self._liars else n for i, n in enumerate(examples)]
            ).update
        if self._way in AUTOS:
            return self._auto(weights, updates, stack, examples)
        rule = Rule(self._way)
        root = self._root_update(weights) if rule is Rule.FLTRUST else None
        share = max(len(self._liars) / NODES, 0.2)
        return combine(rule, stack, examples, tolerated(rule, NODES, share), root).update

    def _auto(self, weights: Array, updates: list[Array], stack: ArrayStack, examples: list[int]) -> Array:
        """As `backend.dispatch.aggregation`: the mean, unless the model is better without the suspects or by FLTrust."""
        best, left_out = combine(Rule.MEAN, stack, examples).update, frozenset[int]()
        loss = _measured(weights + best, *self._checked)[0]
        suspected = suspects(list(self._scores(weights, updates)), self._loss)
        self.looked_again += bool(suspected)
        for tried in suspected:
            without = combine(
                Rule.MEAN, stack, [0 if i in tried else n for i, n in enumerate(examples)]
            ).update
            found = _measured(weights + without, *self._checked)[0]
            if found < loss or self._way == "suspicion":
                best, loss, left_out = without, found, tried
        if suspected and self._way == "auto":
            trusted = combine(Rule.FLTRUST, stack, examples, root=self._root_update(weights)).update
            if _measured(weights + trusted, *self._checked)[0] < loss:
                best, left_out = trusted, frozenset()
        self.honest_left_out += len(left_out - self._liars)
        return best

    def _root_update(self, weights: Array) -> Array:
        return _trained(weights, *self._root, self._random, ROOT_PASSES) - weights

    def _scores(self, weights: Array, updates: list[Array]) -> Iterator[UpdateScore]:
        lengths = [float(np.linalg.norm(u)) for u in updates]
        common = np.mean([u / n for u, n in zip(updates, lengths, strict=True)], axis=0)
        for update, length in zip(updates, lengths, strict=True):
            loss = _measured(weights + update, *self._checked)[0]
            cosine = float(update @ common) / (length * float(np.linalg.norm(common)))
            yield UpdateScore(loss, length, cosine)


def _trained(weights: Array, x: Array, y: Array, random: np.random.Generator, passes: int = 1) -> Array:
    """Weights after plain SGD."""
    weights = weights.copy()
    a, b, c, d = _views(weights)
    for _ in range(passes):
        order = random.permutation(len(y))
        for start in range(0, len(y), BATCH):
            rows = order[start : start + BATCH]
            hidden = np.maximum(x[rows] @ a + b, 0)
            wrong = _likely(hidden @ c + d)
            wrong[np.arange(len(rows)), y[rows]] -= 1
            wrong *= np.float32(RATE / len(rows))
            back = (wrong @ c.T) * (hidden > 0)
            c -= hidden.T @ wrong
            d -= wrong.sum(axis=0)
            a -= x[rows].T @ back
            b -= back.sum(axis=0)
    return weights


def _measured(weights: Array, x: Array, y: Array) -> tuple[float, float]:
    """Loss and accuracy."""
    a, b, c, d = _views(weights.astype(np.float32))
    likely = _likely(np.maximum(x @ a + b, 0) @ c + d)
    loss = -np.log(np.maximum(likely[np.arange(len(y)), y], 1e-30)).mean()
    return float(loss), float((likely.argmax(axis=1) == y).mean())


def _likely(logits: Array) -> Array:
    shifted = np.exp(np.clip(logits - logits.max(axis=1, keepdims=True), -80, 0))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def _views(weights: Array) -> list[Array]:
    bounds = np.cumsum([int(np.prod(s)) for s in SHAPES])[:-1]
    return [part.reshape(s) for part, s in zip(np.split(weights, bounds), SHAPES, strict=True)]


def _flat(arrays: list[Array]) -> Array:
    return np.concatenate([a.reshape(-1) for a in arrays]).astype(np.float32)


if __name__ == "__main__":
    raise SystemExit(main())
