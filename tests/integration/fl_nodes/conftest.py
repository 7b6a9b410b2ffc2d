"""TensorFlow set up once, as a node does; an object server per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fl_nodes.training import determinism

determinism.prepare(1)

from tests.integration.fl_nodes.benchmark_world import (  # noqa: E402 -- TensorFlow is set up before it is used
    shorten,
)
from tests.integration.fl_nodes.job_world import World  # noqa: E402 -- TensorFlow is set up before it is used
from tests.integration.fl_nodes.object_server import Store, serving  # noqa: E402


@pytest.fixture
def store() -> Iterator[Store]:
    with serving() as made:
        yield made


@pytest.fixture
def world(store: Store, tmp_path: Path) -> World:
    return World(store, tmp_path)


@pytest.fixture
def short_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch)
