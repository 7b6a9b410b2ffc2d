"""How a stranger speaks to a real server: in bytes of its own."""

from __future__ import annotations

import socket
from contextlib import suppress

import requests

from tests.integration.api.conftest import Served

SECONDS = 20.0
GRACE, RATE, DRIP_SECONDS, UNREAD = 1.0, 1_000.0, 0.1, 3.0
THREADS = 12


def dial(served: Served) -> socket.socket:
    return socket.create_connection(("127.0.0.1", served.server.port), SECONDS)


def told(connection: socket.socket) -> bytes:
    """All that comes until the server hangs up."""
    said = b""
    try:
        while data := connection.recv(65_536):
            said += data
    except ConnectionResetError:
        pass
    return said


def spoken(served: Served, *lines: str, body: bytes = b"") -> bytes:
    """What the server answers to a request as it is written here."""
    with dial(served) as connection:
        with suppress(OSError):  # it may hang up before all is said
            connection.sendall("\r\n".join((*lines, "Connection: close", "", "")).encode("latin-1") + body)
            connection.shutdown(socket.SHUT_WR)
        return told(connection)


def path_of(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:8600")


def alive(served: Served) -> bool:
    return requests.get(f"{served.url}/api/nodes", timeout=SECONDS).ok
