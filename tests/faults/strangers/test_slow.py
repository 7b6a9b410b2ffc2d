"""Strangers at the door of a real server who drip, and who do not read: others are served meanwhile."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress

import pytest
import requests

from tests.faults.strangers.door import (
    DRIP_SECONDS,
    SECONDS,
    THREADS,
    alive,
    dial,
    path_of,
    told,
)
from tests.integration.api.conftest import Served

# engineio's writer thread may close a socket that the server has just closed, and says so; nothing is lost.
pytestmark = pytest.mark.filterwarnings(r"ignore:Exception in thread .*\(writer\)")


def test_headers__dripped_by_more_than_are_served_at_once__end_and_others_are_answered(
    served: Served,
) -> None:
    drippers = [dial(served) for _ in range(2 * THREADS)]
    for connection in drippers:
        connection.sendall(b"GET /api/nodes HTTP/1.1\r\nHost: x\r\nX-Slow: ")

    assert alive(served)

    for connection in drippers:
        assert told(connection) == b""
        connection.close()


def test_headers__a_byte_now_and_then__are_read_no_longer_than_the_grace(served: Served) -> None:
    with dial(served) as connection, ThreadPoolExecutor(1) as pool:
        connection.sendall(b"GET /api/nodes HTTP/1.1\r\nX-Slow: ")
        answer = pool.submit(told, connection)
        with suppress(BrokenPipeError, ConnectionResetError):
            for _ in range(int(SECONDS / DRIP_SECONDS)):
                connection.sendall(b"x")
                if not wait([answer], DRIP_SECONDS).not_done:
                    break
        assert answer.done()
        assert answer.result() == b""


def test_upload__dripping__ends_with_what_came_and_goes_on_from_there(served: Served) -> None:
    url = path_of(served.world.parts.objects.upload_url("slow/upload", 60, 100_000))
    with dial(served) as connection:
        head = f"PUT {url} HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
        connection.sendall(head.encode() + b"a" * 500)
        answer = told(connection)

    assert answer.startswith(b"HTTP/1.1 308")
    assert b"Range: bytes=0-499" in answer
    rest = requests.put(
        f"{served.url}{url}",
        data=b"a" * 99_500,
        headers={"Content-Range": "bytes 500-99999/100000"},
        timeout=SECONDS,
    )
    assert rest.status_code == 201


def test_upload__slow_but_at_the_pace__is_taken(served: Served) -> None:
    url = path_of(served.world.parts.objects.upload_url("paced/upload", 60, 10_000))
    with dial(served) as connection, ThreadPoolExecutor(1) as pool:
        connection.sendall(
            f"PUT {url} HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\nConnection: close\r\n\r\n".encode()
        )
        answer = pool.submit(told, connection)
        for _ in range(20):  # twice the grace in all, at five times the pace
            connection.sendall(b"a" * 500)
            wait([answer], DRIP_SECONDS)
        assert answer.result(SECONDS).startswith(b"HTTP/1.1 201")


def test_answer__that_nobody_reads__holds_its_thread_no_longer_than_it_may(served: Served) -> None:
    served.world.parts.objects.put("unread/model", bytes(8_000_000))
    url = path_of(served.world.parts.objects.download_url("unread/model", 600, "model"))
    readers = []
    for _ in range(THREADS):
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.connect(("127.0.0.1", served.server.port))
        connection.sendall(f"GET {url} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert connection.recv(1) == b"H"
        readers.append(connection)

    assert alive(served)

    for connection in readers:
        connection.close()


def test_answer__that_is_read_slowly__comes_whole(served: Served) -> None:
    served.world.parts.objects.put("sipped/model", bytes(5_000_000))
    url = path_of(served.world.parts.objects.download_url("sipped/model", 600, "model"))
    pause = threading.Event()
    with dial(served) as connection:
        connection.sendall(f"GET {url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        said = b""
        while len(said) < 2_600_000:
            said += connection.recv(65_536)
            pause.wait(DRIP_SECONDS)
        said += told(connection)
    assert len(said.partition(b"\r\n\r\n")[2]) == 5_000_000
