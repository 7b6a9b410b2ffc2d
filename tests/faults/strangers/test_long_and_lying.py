"""Strangers at the door of a real server who flood it, lie about lengths and smuggle: nothing is lost or let in."""

from __future__ import annotations

import json

import pytest
import requests

from tests.faults.strangers.door import (
    SECONDS,
    alive,
    path_of,
    spoken,
)
from tests.integration.api.conftest import Served
from tests.support.api_world import CUSTOMER, STRANGER, node_of, quote_body

# engineio's writer thread may close a socket that the server has just closed, and says so; nothing is lost.
pytestmark = pytest.mark.filterwarnings(r"ignore:Exception in thread .*\(writer\)")


def test_json__larger_than_allowed__is_refused_unread(served: Served) -> None:
    said = spoken(
        served,
        "POST /api/prices HTTP/1.1",
        "Host: x",
        "Content-Type: application/json",
        "Content-Length: 4000000000",
    )

    assert b" 413 " in said
    assert b"request.too_large" in said


def test_json__nested_without_end__is_refused(served: Served) -> None:
    for deep in (b"[" * 100_000, b'{"a":' * 100_000, b'{"dataset":' + b"[" * 900 + b"]" * 900 + b"}"):
        answer = requests.post(f"{served.url}/api/prices", data=deep, timeout=SECONDS)
        assert (answer.status_code, answer.json()["error"]["code"]) in {
            (400, "request.json"),
            (400, "request.shape"),
        }


def test_json__numbers_and_texts_that_nothing_can_write__are_refused_by_their_field(served: Served) -> None:
    for old, new in (
        ('"rows": 60', '"rows": 1e999'),
        ('"iris.csv"', '"\\ud800"'),
        ('"rows": 60', '"rows": ' + "9" * 5_000),
    ):
        asked = json.dumps(quote_body()).replace(old, new)
        answer = requests.post(f"{served.url}/api/prices", data=asked, timeout=SECONDS)
        assert answer.status_code == 400
        assert answer.json()["error"]["code"].startswith(("request.", "dataset."))


def test_request__endless_header_or_line__costs_the_connection_only(served: Served) -> None:
    for line in ("GET /" + "a" * 100_000 + " HTTP/1.1", "GET / HTTP/1.1\r\nX-Long: " + "a" * 1_000_000):
        said = spoken(served, line, "Host: x")
        assert said.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431", b"HTTP/1.1 414")) or said == b""
    many = spoken(served, "GET / HTTP/1.1", *(f"X-{i}: 1" for i in range(5_000)))
    assert many.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431")) or many == b""
    assert alive(served)


def test_event__larger_than_allowed_or_no_event_at_all__costs_the_connection_only(served: Served) -> None:
    served.world.nodes.mirror(node_of(STRANGER, CUSTOMER))
    flood = served.join(STRANGER, "trainer")
    flood.client.eio.ws.send("4" + "2" + "[" * 9_000_000)
    assert flood.closed.wait(SECONDS)
    for garbage in (
        "42/nodes,",
        "42/nodes,[",
        '451-/nodes,["done"]',
        "4999999999999-",
        "\0\0\0",
        '42/nodes,["__class__"]',
    ):
        stranger = served.dial(STRANGER, "trainer")
        stranger.client.eio.ws.send(garbage)
        assert alive(served)
    assert served.join(STRANGER, "trainer").say("beat", {}) == {"ok": True}


@pytest.mark.parametrize(
    "lines",
    [
        ["Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 5"],
        ["Content-Length: -5"],
        ["Content-Length: 5", "Content-Length: 6"],
        ["Content-Length: +5"],
        ["Content-Length: 5", "Content-Range: bytes 0-4/2"],
        ["Content-Length: 5", "Content-Range: bytes 4-0/5"],
        ["Content-Length: 5", "Content-Range: bytes -5--1/5"],
        ["Content-Length: 5", "Content-Range: bytes 0-999999999999999999/999999999999999999"],
        ["Content-Length: 5", "Content-Range: bytes 0-4/99999999999999999999"],
        ["Content-Length: 5", "Content-Range: bytes 3-7/8"],
    ],
    ids=" ".join,
)
def test_upload__length_or_range_that_cannot_be__is_refused_and_nothing_is_kept(
    served: Served, lines: list[str]
) -> None:
    objects = served.world.parts.objects
    url = path_of(objects.upload_url("lying/upload", 60, 10))
    body = b"5\r\nhello\r\n0\r\n\r\n" if "chunked" in lines[0] else b"hello"

    said = spoken(served, f"PUT {url} HTTP/1.1", "Host: x", *lines, body=body)

    assert said == b"" or said.startswith((b"HTTP/1.1 400", b"HTTP/1.1 409", b"HTTP/1.1 501"))
    assert objects.stat("lying/upload") is None


def test_upload__overlapping_slices__are_written_once_each(served: Served) -> None:
    url = served.url + path_of(served.world.parts.objects.upload_url("overlapping/upload", 60, 10))
    for data, where in ((b"abcdef", "0-5"), (b"cdefgh", "2-7"), (b"ghij", "6-9"), (b"ghij", "6-9")):
        answer = requests.put(url, data=data, headers={"Content-Range": f"bytes {where}/10"}, timeout=SECONDS)
    assert answer.status_code == 201
    with served.world.parts.objects.open("overlapping/upload") as file:
        assert file.read() == b"abcdefghij"


def test_request__smuggled_behind_another__is_no_request(served: Served) -> None:
    """Two lengths: a proxy that believes the other one would see two requests."""
    said = spoken(
        served, "POST /api/prices HTTP/1.1", "Host: x", "Content-Length: 4", "Transfer-Encoding : chunked",
        body=b"1\r\nZ\r\n0\r\n\r\nGET /api/nodes HTTP/1.1\r\nHost: x\r\n\r\n",
    )  # fmt: skip
    assert said.startswith(b"HTTP/1.1 400") or said == b""
    assert said.count(b"HTTP/1.1 200") == 0


@pytest.mark.parametrize(
    "path",
    [
        "/objects/../../etc/passwd",
        "/objects/%2e%2e/%2e%2e/etc/passwd",
        "/objects/a%00b",
        "/objects//etc/passwd",
        "/objects/a~facts",
        "/static/../../pyproject.toml",
        "/static/%2e%2e/%2e%2e/pyproject.toml",
        "/static/..%5c..%5cpyproject.toml",
        "/vendor/../../uv.lock",
    ],
)
def test_path__that_climbs__shows_nothing(served: Served, path: str) -> None:
    said = spoken(served, f"GET {path} HTTP/1.1", "Host: x")

    assert said.startswith(tuple(b"HTTP/1.1 %d" % code for code in (308, 400, 403, 404)))
    assert b"root:" not in said
    assert b"[project]" not in said
