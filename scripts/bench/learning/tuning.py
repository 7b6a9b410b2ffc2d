"""The search for settings: every candidate on the validation rows, with a seed that no final measurement uses.

Candidates are few and were laid around what a wider look at MNIST's MLP had shown: with equal rows everywhere the plain
mean and a local rate three to six times the central one; with two classes per node large batches and server momentum.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import mean
from typing import Any

from scripts.bench.learning.accuracy import TUNING, Case, Settings, central, federated
from scripts.bench.learning.cells import Cell, Record, Results

SEED = 1000
SMALL_SEEDS = (1000, 1001, 1002)
"""With equal mixes the small sets' candidates are compared over three seeds: one validation row is up to 0.9 points there."""
NODES = 10
FEW_NODES = 4
"""Each number of nodes has its own settings, but with MNIST's equal mixes those of ten serve four too."""
CHOSEN = Path(__file__).with_name("settings.json")

MODELS = {
    "mnist": ("logistic", "mlp", "cnn"),
    "digits": ("logistic", "mlp", "cnn"),
    "banknote": ("logistic", "mlp"),
    "pima": ("logistic", "mlp"),
}
SKEW = {"mnist": "two_classes", "digits": "two_classes", "banknote": "two_shards", "pima": "two_shards"}
"""Two classes per node; where there are only two classes, two shards per node, so that some nodes know one class alone."""

PASSES = {"logistic": 10, "mlp": 10, "cnn": 5}
"""MNIST's passes."""
SMALL_PASSES = 50
LOCAL_EPOCHS = {"mnist": 1, "digits": 2}
"""Passes over a node's rows in a round; with the other sets 5."""
TIMES_THE_PASSES = {"mnist": 5}
"""Of the central passes, for skewed rows; with the other sets 3."""

CENTRAL_RATES = (0.01, 0.03)
IID = ((32, 0.03), (32, 0.06))
IID_SMALL = ((16, 0.03), (16, 0.06), (4, 0.03))
"""Batch and local rate."""
SKEWED: dict[tuple[str, int], tuple[tuple[int, float, float], ...]] = {
    ("logistic", 10): ((128, 0.05, 1.0), (128, 0.03, 0.5)),
    ("logistic", 4): ((128, 0.01, 1.0), (128, 0.01, 0.5), (128, 0.003, 1.0)),
    ("mlp", 10): ((128, 0.05, 1.0), (128, 0.03, 0.5)),
    ("mlp", 4): ((128, 0.05, 1.0), (128, 0.02, 1.0), (128, 0.02, 0.5)),
    ("cnn", 10): ((64, 0.02, 0.5), (128, 0.03, 0.5), (64, 0.01, 1.0)),
    ("cnn", 4): ((64, 0.02, 0.5), (64, 0.01, 0.5)),
}
"""By model and nodes: batch, local rate, server rate (momentum). Four nodes take 2.5 times the steps in a round."""
SKEWED_SMALL = {
    10: ((64, 0.05, 0.5), (16, 0.03, 1.0)),
    4: ((64, 0.05, 0.5), (16, 0.03, 1.0), (16, 0.01, 1.0)),
}


def cases() -> Iterator[Case]:
    """What settings are looked for."""
    for dataset, models in MODELS.items():
        for model in models:
            yield Case(dataset, model)
            yield Case(dataset, model, "iid", NODES)
            if dataset != "mnist":
                yield Case(dataset, model, "iid", FEW_NODES)
            yield from (Case(dataset, model, SKEW[dataset], nodes) for nodes in (NODES, FEW_NODES))


def candidates(case: Case) -> Iterator[Settings]:
    """What is tried for a case; `nodes` 1 is central training."""
    small = case.dataset != "mnist"
    passes = SMALL_PASSES if small else PASSES[case.model]
    if case.nodes == 1:
        for lr in CENTRAL_RATES:
            yield {"optimizer": "momentum", "lr": lr, "batch": 16 if small else 32, "passes": passes}
        return
    local = LOCAL_EPOCHS.get(case.dataset, 5)
    if case.scheme == "iid":
        for batch, lr in IID_SMALL if small else IID:
            yield _federated(batch, lr, passes // local, local, "sgd", 1.0)
        return
    rounds = passes // local * TIMES_THE_PASSES.get(case.dataset, 3)
    for size, lr, server_lr in SKEWED_SMALL[case.nodes] if small else SKEWED[case.model, case.nodes]:
        yield _federated(size, lr, rounds, local, "momentum", server_lr)


def cells(case: Case) -> list[Cell]:
    """The case's candidates on its validation rows."""
    make = central if case.nodes == 1 else federated
    seeds = SMALL_SEEDS if case.dataset != "mnist" and case.scheme == "iid" else (SEED,)
    return [make(case, settings, seed, TUNING) for settings in candidates(case) for seed in seeds]


def best(results: Results, case: Case) -> Settings:
    """The candidate with the most accurate models on the validation rows; of equals the one with the smaller loss."""
    runs: dict[str, list[Record]] = {}
    for record in results.of(cells(case)):
        runs.setdefault(json.dumps(record["config"]["settings"]), []).append(record["result"])
    return dict(
        json.loads(max(runs, key=lambda tried: (_mean(runs[tried], "accuracy"), -_mean(runs[tried], "loss"))))
    )


def choose(results: Results) -> None:
    """Write the best settings of every case down."""
    chosen = {_name(case): best(results, case) for case in cases()}
    CHOSEN.write_text(json.dumps(chosen, indent=1) + "\n", encoding="utf-8")


def chosen(case: Case) -> Settings:
    """The settings that the search found."""
    shared = case.scheme == "iid" and case.dataset == "mnist" and case.nodes > 1
    nodes = NODES if shared else case.nodes
    written: dict[str, Any] = json.loads(CHOSEN.read_text(encoding="utf-8"))
    found: Settings = written[_name(Case(case.dataset, case.model, case.scheme, nodes))]
    return found


def _federated(batch: int, lr: float, rounds: int, local: int, server: str, server_lr: float) -> Settings:
    return {
        "optimizer": "momentum",
        "lr": lr,
        "batch": batch,
        "rounds": rounds,
        "local_epochs": local,
        "server": server,
        "server_lr": server_lr,
    }


def _mean(results: list[Record], of: str) -> float:
    return mean(float(r[of]) for r in results)


def _name(case: Case) -> str:
    if case.nodes == 1:
        return f"{case.dataset} {case.model} central"
    return f"{case.dataset} {case.model} {case.scheme} {case.nodes}"
