"""The API as a process: it ends at once when asked, and its port is free for the next one."""

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest
import requests
import socketio

from backend.api.server import Server
from backend.errors import Unrecoverable
from tests.integration.api.conftest import SECONDS, Served, eventually

START_SECONDS = 60.0
PROCESS = """
import sys, time
from dataclasses import replace
from pathlib import Path
from backend.api.server import serve
from tests.support.api_world import World
world = World(Path(sys.argv[1]), clock=time.time)
serve(replace(world.parts, settings=replace(world.parts.settings, api_port=int(sys.argv[2]))))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[int], subprocess.Popen[bytes]]]:
    """Starts an API on a port and waits until it answers; none outlives the test."""
    processes: list[subprocess.Popen[bytes]] = []

    def started(port: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-c", PROCESS, str(tmp_path), str(port)]
        process = subprocess.Popen(command, cwd=Path(__file__).parents[3], stdout=subprocess.DEVNULL)
        processes.append(process)

        def answers() -> bool:
            assert process.poll() is None, "the process ended"
            try:
                return requests.get(f"http://127.0.0.1:{port}/api/nodes", timeout=SECONDS).ok
            except requests.ConnectionError:
                return False

        eventually(answers, START_SECONDS)
        return process

    yield started
    for process in processes:
        process.kill()
        process.wait(SECONDS)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_process__ended_with_open_sockets__frees_its_port_for_the_next(start, ending: signal.Signals) -> None:
    port = free_port()
    process = start(port)
    client = socketio.Client(reconnection=False, handle_sigint=False)
    client.connect(f"http://127.0.0.1:{port}", namespaces=["/tickets"], transports=["websocket"])
    process.send_signal(ending)
    assert process.wait(SECONDS) == (-ending if ending is signal.SIGKILL else 0)
    client.disconnect()
    client.eio.ws.shutdown()
    assert start(port).poll() is None


def test_server__port_taken__says_so(served: Served) -> None:
    with pytest.raises(Unrecoverable, match=r"api\.port"):
        Server(served.world.api.app, "127.0.0.1", served.server.port)


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"GET /api/nodes?x=" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "request.long_address"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 9_000 + b"\r\n\r\n", 431, "request.long_headers"),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431, "request.long_headers"),
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, "request.http"),
        (b"GET / HTTP/9.9\r\n\r\n", 400, "request.http"),
        (b"GET / HTTP/1.1\r\nBad Name: x\r\n\r\n", 400, "request.http"),
        (b"POST /api/auth/nonce HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: odd\r\n\r\n", 400, "request.http"),
        (b"POST /api/prices HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400, "request.http"),
    ],
)
def test_server__what_is_no_request__is_refused_with_a_code(
    served: Served, sent: bytes, status: int, code: str
) -> None:
    with socket.create_connection(("127.0.0.1", served.server.port), SECONDS) as line:
        line.sendall(sent)
        answer = HTTPResponse(line)
        answer.begin()
        said = json.loads(answer.read())
    assert (answer.status, said["error"]["code"]) == (status, code)
    assert said["error"]["message"]
    assert said["error"]["request"] == answer.headers["X-Request-Id"]
