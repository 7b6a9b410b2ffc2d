"""The port of a process that serves nobody by HTTP: metrics, whether it lives, whether it is of use and why not."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
import requests

from backend.adapters.monitor import Monitor
from backend.errors import Recoverable, Unrecoverable

SECONDS = 10.0


class Chain:
    """A probe that can be made to fail."""

    reached = True

    def __call__(self) -> int:
        if not self.reached:
            raise Recoverable("chain.unreachable", "The market chain does not answer.")
        return 1


@pytest.fixture
def chain() -> Chain:
    return Chain()


@pytest.fixture
def monitor(chain: Chain) -> Iterator[Monitor]:
    monitor = Monitor("127.0.0.1", 0, {"market chain": chain})
    monitor.start()
    yield monitor
    monitor.stop()


def get(monitor: Monitor, path: str) -> requests.Response:
    return requests.get(f"http://127.0.0.1:{monitor.port}{path}", timeout=SECONDS)


def test_monitor__asked__shows_metrics_and_that_it_lives(monitor: Monitor) -> None:
    assert "process_cpu_seconds_total" in get(monitor, "/metrics").text
    assert get(monitor, "/health/live").json() == {"status": "ok"}
    assert get(monitor, "/health/ready").json() == {"status": "ok", "why": {}}
    assert get(monitor, "/anything").status_code == 404


def test_monitor__what_it_needs_is_gone__lives_and_is_not_ready_until_it_is_back(
    monitor: Monitor, chain: Chain
) -> None:
    chain.reached = False
    gone = get(monitor, "/health/ready")
    assert gone.status_code == 503
    assert gone.json()["why"] == {"market chain": "The market chain does not answer."}
    assert get(monitor, "/health/live").status_code == 200
    chain.reached = True
    assert get(monitor, "/health/ready").status_code == 200


def test_monitor__several_probes__are_asked_at_once_and_each_answers_for_itself() -> None:
    met = threading.Barrier(2)

    def meets() -> None:
        met.wait(SECONDS)

    def meets_and_fails() -> None:
        met.wait(SECONDS)
        raise Recoverable("database.unreachable", "The database does not answer.")

    monitor = Monitor("127.0.0.1", 0, {"market chain": meets, "database": meets_and_fails})
    monitor.start()
    assert get(monitor, "/health/ready").json()["why"] == {"database": "The database does not answer."}
    monitor.stop()


def test_monitor__port_taken__says_so(monitor: Monitor) -> None:
    with pytest.raises(Unrecoverable, match=r"monitor\.port"):
        Monitor("127.0.0.1", monitor.port, {})
