"""The benchmark asked of real nodes, with fewer passes and made-up digits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fl_nodes.protocol.benchmark import CLASSES, HEAVY, INPUTS, LIGHT, TRAINING_ROWS, Part, job_id
from fl_nodes.protocol.tasks import Benchmarked, BenchmarkTask, TaskKind, TrainTask
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.training.data import Split
from fl_nodes.training.engine import initial_weights
from fl_nodes.training.tensors import weights_to_file
from fl_nodes.work.benchmark import BenchmarkWork
from tests.integration.fl_nodes.job_world import World, split_file

SHORT = (replace(LIGHT, epochs=3), replace(HEAVY, epochs=3))


def shorten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same benchmark with fewer passes, on both sides."""
    monkeypatch.setattr("fl_nodes.work.benchmark.PARTS", SHORT)
    for name, value in (("PARTS", SHORT), ("LIGHT", SHORT[0]), ("HEAVY", SHORT[1])):
        monkeypatch.setattr(f"fl_nodes.protocol.benchmark.{name}", value)


def rows() -> Split:
    random = np.random.default_rng(1)
    y = random.integers(0, CLASSES, TRAINING_ROWS).astype(np.int32)
    centres = np.random.default_rng(2).uniform(0.0, 1.0, (CLASSES, INPUTS))
    return Split((centres[y] + random.normal(0.0, 0.1, (TRAINING_ROWS, INPUTS))).astype(np.float32), y)


def asked(world: World, name: str, part: Part, place: int) -> TrainTask:
    model = world.store.put(part.name, weights_to_file(initial_weights(part.architecture, 1)))
    shard = world.store.put("digits", split_file(rows()))
    return TrainTask(
        job_id(name, 1), place, name, dict(part.architecture), part.training(7), model, shard, TRAINING_ROWS, "c", 9e9
    )  # fmt: skip


def benchmarked(world: World, name: str) -> tuple[BenchmarkTask, Benchmarked]:
    """Ask one of the world's trainers."""
    work = BenchmarkWork(world.trainers[name], "a machine")
    task = BenchmarkTask(name, 1, tuple(asked(world, name, part, i) for i, part in enumerate(SHORT, 1)))
    return task, work.run(Call("b", TaskKind.BENCHMARK, to_wire(task)))
