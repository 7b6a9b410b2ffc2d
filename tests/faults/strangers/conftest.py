"""A server of few threads that has little patience."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.faults.strangers.door import GRACE, RATE, THREADS, UNREAD
from tests.integration.api.conftest import Served
from tests.support.api_world import World


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server of few threads that has little patience."""
    served = Served(
        World(tmp_path_factory.mktemp("world"), clock=time.time),
        threads=THREADS,
        grace=GRACE,
        rate=RATE,
        unread=UNREAD,
    )
    yield served
    served.stop()
