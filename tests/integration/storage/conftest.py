"""A store with one bucket, and a part of it to each test."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from backend.adapters.storage import gcs_errors
from backend.adapters.storage.gcs import GcsObjects
from backend.adapters.storage.gcs_client import connect
from tests.support import gcs
from tests.support.gcs import Gcs

ORIGIN = "http://127.0.0.1:8600"
PLACES = itertools.count()


@pytest.fixture(scope="session")
def running_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gcs]:
    """One for the whole session."""
    with gcs.running(tmp_path_factory.mktemp("gcs"), ORIGIN) as store:
        yield store


@pytest.fixture
def store(running_store: Gcs, monkeypatch: pytest.MonkeyPatch) -> Gcs:
    """The store, with nothing asked of it yet; it is waited for a moment, not half a minute."""
    running_store.state.requests.clear()
    patient = gcs_errors.PATIENTLY["retry"]
    hasty = patient.with_delay(initial=0.01, maximum=0.05).with_timeout(0.4)
    monkeypatch.setitem(gcs_errors.PATIENTLY, "retry", hasty)
    return running_store


@pytest.fixture
def opened(store: Gcs) -> Iterator[Callable[[], GcsObjects]]:
    """The same objects as another process has them: a client, a connection and a token of its own."""
    address = f"{store.address}/place-{next(PLACES)}"
    processes: list[GcsObjects] = []

    def another() -> GcsObjects:
        processes.append(GcsObjects(connect(address, store.endpoint, store.credentials_file), ORIGIN))
        return processes[-1]

    yield another
    for process in processes:
        process._place.bucket.client.close()
        process._sessions._http.close()


@pytest.fixture
def objects(opened: Callable[[], GcsObjects]) -> GcsObjects:
    """The objects of one process."""
    return opened()
