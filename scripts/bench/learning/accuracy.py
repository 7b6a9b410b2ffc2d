"""Federated against central: the same rows, model, optimizer and test rows; the passes over the rows are counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.domain.spec import JobSpec
from fl_nodes.protocol.architecture import preset
from fl_nodes.protocol.wire import to_wire
from scripts.bench.learning.cells import Cell, Record
from scripts.bench.learning.crew import Crew
from scripts.bench.learning.data import Data, Rows, deal, held_classes, read
from scripts.bench.learning.federation import Federation

CENTRAL = "central"
FEDERATED = "federated"
TUNING = "tuning"
POINTS_OF_CURVE = 10
SEGMENT_STEPS = 64

Settings = dict[str, Any]
"""How to train: `optimizer`, `lr`, `batch`, and `rounds`, `local_epochs`, `server`, `server_lr`; centrally `passes`."""


@dataclass(frozen=True)
class Case:
    """What is compared: `scheme` `iid`, `two_classes` or `two_shards`; for central training `nodes` is 1."""

    dataset: str
    model: str
    scheme: str = "iid"
    nodes: int = 1


def central(case: Case, settings: Settings, seed: int, part: str = "accuracy") -> Cell:
    """Training in one place."""
    return _cell(part, CENTRAL, case, settings, seed)


def federated(case: Case, settings: Settings, seed: int, part: str = "accuracy") -> Cell:
    """Training on shards."""
    return _cell(part, FEDERATED, case, settings, seed)


def _cell(part: str, kind: str, case: Case, settings: Settings, seed: int) -> Cell:
    return Cell(part, {"kind": kind, **to_wire(case), "settings": settings, "seed": seed})


def player(folder: Path) -> Callable[[Crew, Cell], Record]:
    """Plays cells of central and federated training on the data in `folder`."""

    def play(crew: Crew, cell: Cell) -> Record:
        config = cell.config
        data = read(config["dataset"], folder)
        rows, judged = _rows(data, config["dataset"], tuning=cell.part == TUNING)
        if config["kind"] == CENTRAL:
            return _central(crew, data, rows, judged, config)
        return _federated(crew, data, rows, judged, config)

    return play


def _rows(data: Data, dataset: str, *, tuning: bool) -> tuple[Rows, Rows]:
    """Rows to train on and to be judged by. MNIST's last word is on all of its 60 000 training rows."""
    if tuning:
        return data.train, data.validation
    train = np.sort(np.concatenate([data.train, data.validation])) if dataset == "mnist" else data.train
    return train, data.test


def _central(crew: Crew, data: Data, rows: Rows, judged: Rows, config: dict[str, Any]) -> Record:
    folder, settings = crew.clear(), config["settings"]
    (folder / "train.safetensors").write_bytes(data.file(rows))
    (folder / "test.safetensors").write_bytes(data.file(judged))
    spec = {
        "architecture": preset(config["model"], data.input_shape, data.classes),
        "optimizer": settings["optimizer"],
        "learning_rate": settings["lr"],
        "batch_size": settings["batch"],
        "passes": settings["passes"],
        "seed": config["seed"],
    }
    done = crew.trainers.ask(
        "central", spec=spec, train=[str(folder / "train.safetensors")], test=str(folder / "test.safetensors")
    )
    metrics = done["metrics"]
    return {
        "accuracy": metrics["accuracy"],
        "macro_f1": metrics["macro_f1"],
        "loss": metrics["loss"],
        "passes": settings["passes"],
        "rows": len(rows),
        "training_seconds": round(done["seconds"], 3),
    }


def _federated(crew: Crew, data: Data, rows: Rows, judged: Rows, config: dict[str, Any]) -> Record:
    settings, seed = config["settings"], config["seed"]
    spec = job_spec(config["model"], settings, seed, config["nodes"])
    shards = deal(data, rows, config["nodes"], config["scheme"], seed)
    federation = Federation(crew, data, spec, shards, validators=0)
    every = max(1, spec.rounds // POINTS_OF_CURVE)
    curve = []
    for number in range(1, spec.rounds + 1):
        federation.play_unchecked(number)
        if number % every == 0 or number == spec.rounds:
            metrics = federation.measure(number, judged)
            curve.append([number * spec.local_epochs, round(metrics.accuracy, 5)])
    return {
        "accuracy": metrics.accuracy,
        "macro_f1": metrics.macro_f1,
        "loss": metrics.loss,
        "passes": spec.rounds * spec.local_epochs,
        "rows": len(rows),
        "classes_held": held_classes(data, shards),
        "curve": curve,
        "training_seconds": round(federation.tasks.seconds["train"], 3),
        "aggregating_seconds": round(federation.tasks.seconds["aggregate"], 3),
    }


def job_spec(model: str, settings: Settings, seed: int, nodes: int, **more: Any) -> JobSpec:
    """The specification a customer would have given."""
    return JobSpec(
        model=model,
        rounds=settings["rounds"],
        local_epochs=settings["local_epochs"],
        learning_rate=settings["lr"],
        batch_size=settings["batch"],
        optimizer=settings["optimizer"],
        server_optimizer=settings["server"],
        server_learning_rate=settings["server_lr"],
        trainers=nodes,
        segment_steps=more.pop("segment_steps", SEGMENT_STEPS),
        seed=seed,
        **more,
    )
