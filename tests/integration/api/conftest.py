"""A served API on a free port, and workers that connect to it as machines do."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import socketio
from eth_account.signers.local import LocalAccount

from backend.api.server import Server
from backend.api.tls import ServedCertificate
from tests.support.api_world import World, greeting, hello

SECONDS = 10.0
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """engineio's writer thread may close a socket that the server has just closed, and says so; nothing is lost."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.filterwarnings(r"ignore:Exception in thread .*\(writer\)"))


class Worker:
    """A machine's end of the socket: what it was sent, and its answers."""

    def __init__(self, url: str, account: LocalAccount, role: str, **said: Any) -> None:
        self.events: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        self.closed = threading.Event()
        self.client = socketio.Client(reconnection=False, handle_sigint=False)
        for name in ("challenge", "task", "cancel", "released", "rest"):
            self.client.on(name, self._keep(name), namespace="/nodes")
        self.client.on("disconnect", lambda *_: self.closed.set(), namespace="/nodes")
        auth = greeting(account, role, **said.pop("greeting", {}))
        self.client.connect(url, auth=auth, namespaces=["/nodes"], transports=["websocket"])
        self.nonce = self.next("challenge")["nonce"]
        self.hello = hello(account, role, self.nonce, **said)

    def say(self, event: str, payload: Any) -> dict[str, Any]:
        """Send an event and return its answer."""
        answer: dict[str, Any] = self.client.call(event, payload, namespace="/nodes", timeout=SECONDS)
        return answer

    def next(self, name: str) -> dict[str, Any]:
        """The next event, which must be of this name."""
        got, payload = self.events.get(timeout=SECONDS)
        assert got == name
        return payload

    def _keep(self, name: str) -> Callable[[dict[str, Any]], None]:
        return lambda payload: self.events.put((name, payload))


class Served:
    """A world whose API is served at `url`."""

    def __init__(self, world: World, certificate: ServedCertificate | None = None, **limits: Any) -> None:
        self.world = world
        self.server = Server(world.api.app, "127.0.0.1", 0, certificate=certificate, **limits)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self.server.port}"
        self._workers: list[Worker] = []
        world.api.background.start()
        self._thread = threading.Thread(target=self.server.init_process, daemon=True)
        self._thread.start()

    def dial(self, account: LocalAccount, role: str, **said: Any) -> Worker:
        """A connected worker that has not said hello."""
        worker = Worker(self.url, account, role, **said)
        self._workers.append(worker)
        return worker

    def join(self, account: LocalAccount, role: str, **said: Any) -> Worker:
        """A worker that was given a seat."""
        worker = self.dial(account, role, **said)
        answer = worker.say("hello", worker.hello)
        assert answer["ok"], answer
        return worker

    def stop(self) -> None:
        """Hang up everything."""
        for worker in self._workers:
            worker.client.disconnect()
            worker.client.eio.read_loop_task.join(SECONDS)
            # The library leaves the socket open where the server hung up.
            worker.client.eio.ws.shutdown()
        self.world.api.background.stop()
        self.world.api.socketio.server.shutdown()
        self.server.stop()
        self._thread.join(SECONDS)
        self.server.tmp.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """The served API."""
    served = Served(World(tmp_path, clock=time.time))
    yield served
    served.stop()


def eventually(holds: Callable[[], bool], seconds: float = SECONDS) -> None:
    """Wait until something holds; fail when it never does."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it never came to hold"
        time.sleep(0.01)
