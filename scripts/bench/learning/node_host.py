"""`python -m scripts.bench.learning.node_host` (nodes' environment): trainers, validators and evaluator of one federation.

Every node is the product's own `TrainerWork` or `ValidatorWork` with a key of its own; an adversary is loaded as
`ecodml node run --adversary FILE:CLASS` loads it.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fl_nodes.adversary import Adversary, load_adversary
from fl_nodes.central import CentralSpec, train_centrally
from fl_nodes.connection import Introduction, Market
from fl_nodes.evaluator.root import root_update
from fl_nodes.evaluator.work import EvaluatorWork
from fl_nodes.meter.choice import choose
from fl_nodes.protocol.tasks import Role, TaskKind, TrainingSpec
from fl_nodes.protocol.wire import from_wire, to_wire
from fl_nodes.session import Call
from fl_nodes.signatures import account_from
from fl_nodes.training import determinism
from fl_nodes.training.contribution import Player, measured
from fl_nodes.training.data import Split, read_split
from fl_nodes.training.engine import engine_for, initial_weights
from fl_nodes.training.trainer import run_segment
from fl_nodes.work.checkpoints import CheckpointFolder
from fl_nodes.work.model_files import ModelFiles
from fl_nodes.work.own_reports import OwnReports
from fl_nodes.work.train import TrainerWork
from fl_nodes.work.validate import ValidatorWork
from scripts.bench.learning.accomplice import Accomplice
from scripts.bench.learning.folder_store import FolderStore
from scripts.bench.learning.pipe import serve

Handlers = dict[TaskKind, Callable[[Call], Any]]


class NodeHost:
    """The nodes of the federation now on stage."""

    def __init__(self) -> None:
        self._nodes: dict[str, Handlers] = {}

    def hello(self, _: dict[str, Any]) -> dict[str, str]:
        """What runs here."""
        return {"python": platform.python_version(), "environment": determinism.environment()}

    def cast(self, request: dict[str, Any]) -> None:
        """Replace the nodes by those of a new federation."""
        folder = Path(request["folder"])
        market = Market(request["chain_id"], request["escrow"])
        store = FolderStore(folder / "cache")
        files = ModelFiles(store)
        evaluator = EvaluatorWork(files)
        self._nodes = {
            "evaluator": {
                TaskKind.INITIALIZE: evaluator.initialize,
                TaskKind.EVALUATE: evaluator.evaluate,
                TaskKind.EXPORT: evaluator.export,
                TaskKind.ROOT_UPDATE: partial(root_update, files),
            }
        }
        for node in request["nodes"]:
            made = _trainer if node["role"] == Role.TRAINER else _validator
            self._nodes[node["name"]] = made(node, folder / node["name"], market, store)

    def task(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do a task; `seconds` is the CPU time it took here: other load on the machine does not count."""
        kind = TaskKind(request["kind"])
        started = time.process_time()
        result = self._nodes[request["worker"]][kind](Call(request["id"], kind, request["payload"]))
        return {"result": to_wire(result), "seconds": time.process_time() - started}

    def warm_up(self, request: dict[str, Any]) -> None:
        """Build what the first segment would have to wait for."""
        architecture = request["architecture"]
        engine, split = engine_for(architecture, request["optimizer"]), _one_row(architecture)
        weights = initial_weights(architecture, 0)
        spec = TrainingSpec(request["optimizer"], 0.01, 1, 1, 1, 0)
        run_segment(engine, spec, engine.start(weights), split, 0)
        engine.predict(weights, split)
        measured(engine, weights, [Player("", weights, 1)], split, 1, 0)

    def central(self, request: dict[str, Any]) -> dict[str, Any]:
        """Train in one place on the union of the shards."""
        spec = from_wire(CentralSpec, request["spec"])
        shards = [read_split(Path(path).read_bytes(), spec.architecture) for path in request["train"]]
        test = read_split(Path(request["test"]).read_bytes(), spec.architecture)
        started = time.process_time()
        metrics: dict[str, Any] = to_wire(train_centrally(spec, shards, test))
        return {"metrics": metrics, "seconds": time.process_time() - started}


def _one_row(architecture: dict[str, Any]) -> Split:
    return Split(np.zeros((1, *architecture["input_shape"]), np.float32), np.zeros(1, np.int32))


def _introduction(node: dict[str, Any], role: Role) -> Introduction:
    return Introduction(account_from(node["key"]), role, node["name"], provider=node["name"])


def _trainer(node: dict[str, Any], folder: Path, market: Market, store: FolderStore) -> Handlers:
    work = TrainerWork(
        who=_introduction(node, Role.TRAINER),
        market=lambda: market,
        files=ModelFiles(store),
        folder=CheckpointFolder(folder / "checkpoints"),
        meter=choose(with_gpu=False)[0],
        adversary=load_adversary(node["adversary"]) if node["adversary"] else Adversary(),
        environment=determinism.environment(),
    )
    return {TaskKind.TRAIN: work.train, TaskKind.REVEAL: work.reveal}


def _validator(node: dict[str, Any], folder: Path, market: Market, store: FolderStore) -> Handlers:
    work = ValidatorWork(
        who=_introduction(node, Role.VALIDATOR),
        market=lambda: market,
        files=ModelFiles(store),
        reports=OwnReports(folder / "reports"),
        environment=determinism.environment(),
    )
    said = Accomplice(work, frozenset(node["covers"]), frozenset(node["frames"]))
    return {TaskKind.VALIDATE: said.validate}


def main() -> int:
    """Serve until the pipe closes."""
    parser = argparse.ArgumentParser(prog="python -m scripts.bench.learning.node_host", description=__doc__)
    parser.add_argument("--threads", type=int, default=1, help="threads of one TensorFlow operation")
    options = parser.parse_args()
    determinism.prepare(options.threads)
    host = NodeHost()
    serve(
        {
            "hello": host.hello,
            "cast": host.cast,
            "task": host.task,
            "warm_up": host.warm_up,
            "central": host.central,
        }
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
