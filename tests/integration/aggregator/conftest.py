"""An object store over HTTP, the aggregator's work on it, and TFF's own executor, whose process is ended afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from fl_nodes.aggregator.work import AggregatorWork
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.operator_tasks import Aggregated, AggregateTask, WeightedUpdate
from fl_nodes.protocol.tasks import TaskKind
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.training.tensors import weights_to_file
from tests.integration.fl_nodes.object_server import Store, serving

Arrays = list[np.ndarray]


@pytest.fixture
def store() -> Iterator[Store]:
    with serving() as made:
        yield made


@pytest.fixture
def work(tmp_path: Path) -> AggregatorWork:
    return AggregatorWork(ObjectStore(tmp_path), tmp_path)


@pytest.fixture(scope="session")
def tffs_executor() -> Iterator[None]:
    """Lets TFF run computations by itself; the `worker_binary` that it starts for that would outlive the tests."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    for child in psutil.Process().children(recursive=True):
        if child.pid not in before:
            child.kill()
            child.wait(10)


@pytest.fixture
def aggregate(store: Store, work: AggregatorWork) -> Callable[..., Aggregated]:
    """Aggregate these updates with these weights; the next model is `store.objects["next"]`, the state `["state"]`."""

    def run(updates: list[Arrays], weights: list[int], model: Arrays, **changes) -> Aggregated:
        refs = [store.put(f"update-{i}", weights_to_file(u)) for i, u in enumerate(updates)]
        values = {
            "job_id": "0xj",
            "round": 1,
            "model": store.put("model", weights_to_file(model)),
            "updates": tuple(WeightedUpdate(r, w) for r, w in zip(refs, weights, strict=True)),
            "server_optimizer": "sgd",
            "server_learning_rate": 1.0,
            "next_model": store.upload("next"),
            "next_state": store.upload("state"),
        }
        return work.aggregate(Call("id", TaskKind.AGGREGATE, to_wire(AggregateTask(**(values | changes)))))

    return run
