"""Operators, markup, header ends and packed things in what strangers send: texts are texts, and nothing is opened."""

from __future__ import annotations

import pickle
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from backend.errors import EcoError
from backend.ports import Letter
from tests.faults.strangers.door import (
    SECONDS,
    path_of,
    spoken,
)
from tests.integration.api.conftest import Served
from tests.support.api_world import STRANGER, quote_body

# engineio's writer thread may close a socket that the server has just closed, and says so; nothing is lost.
pytestmark = pytest.mark.filterwarnings(r"ignore:Exception in thread .*\(writer\)")


OPERATORS: list[Any] = [{"$gt": ""}, {"$ne": None}, {"$regex": ".*"}, ["a"], {"$where": "sleep(1000)"}]


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_operators__in_place_of_texts__are_refused(served: Served, operator: Any) -> None:
    for path, asked in (
        ("/api/auth/sign-in", {"email": operator, "password": operator}),
        ("/api/auth/login", {"message": operator, "signature": operator}),
        ("/api/auth/forgot", {"email": operator}),
        ("/api/quotes", {**quote_body(), "email": operator}),
    ):
        headers = served.world.sign_in() if path == "/api/quotes" else {}
        answer = requests.post(f"{served.url}{path}", json=asked, headers=headers, timeout=SECONDS)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "request.shape")


def test_operators__in_queries_and_paths__find_nothing(served: Served) -> None:
    served.world.funded()
    headers = served.world.sign_in(STRANGER)
    for query in (
        "status[$ne]=x",
        "before[$gt]=",
        "status=%7B%22%24ne%22%3A1%7D",
        "before=%00",
        "before=' OR 1=1--",
    ):
        answer = requests.get(f"{served.url}/api/tickets?{query}", headers=headers, timeout=SECONDS)
        assert answer.status_code in (200, 400, 404)
        assert answer.json().get("tickets", []) == []
    for path in (
        "/api/tickets/%7B%22$gt%22:%22%22%7D",
        "/api/tickets/' OR '1'='1",
        "/api/jobs/%00/audit",
        "/api/nodes/$where",
    ):
        answer = requests.get(f"{served.url}{path}", headers=headers, timeout=SECONDS)
        assert answer.status_code in (400, 404)


def test_markup_and_sql__in_names__come_back_as_they_are_and_as_json(served: Served) -> None:
    name = "<script>alert(1)</script>'; DROP TABLE tickets;--.csv"
    ticket = served.world.quote(dataset={"name": name})
    answer = requests.get(
        f"{served.url}/api/tickets/{ticket.id}", headers=served.world.sign_in(), timeout=SECONDS
    )

    assert answer.json()["ticket"]["dataset"]["name"] == name
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "email", ["a@b.c\r\nBcc: x@y.z", "a@b.c\n", "a\r@b.c", "a@b.c,x@y.z", "<a@b.c>", "a@b.c\0", "a b@c.d"]
)
def test_address__that_would_end_a_header__is_refused_by_api_and_letters(served: Served, email: str) -> None:
    for path, asked in (
        ("/api/auth/forgot", {"email": email}),
        ("/api/auth/sign-up", {"email": email, "password": "x" * 20}),
    ):
        answer = requests.post(f"{served.url}{path}", json=asked, timeout=SECONDS)
        if email.strip() == email:
            assert (answer.status_code, answer.json()["error"]["code"]) == (400, "email.invalid")
    from backend.adapters.mail.message import compose

    with pytest.raises(EcoError, match=r"mail\.header"):
        compose(Letter("key", email, "Subject", "Text"), "EcoDML <no-reply@ecodml.local>")


def test_file_name__that_would_end_a_header__is_refused_or_encoded(served: Served, tmp_path: Path) -> None:
    objects = served.world.parts.objects
    objects.put("named/file", b"x")
    for name in ("a\r\nSet-Cookie: b=c", "a\nb", 'a"; filename="b', "a\0b", "../a", "a\\b"):
        with pytest.raises(EcoError, match=r"object\.filename"):
            objects.download_url("named/file", 60, name)
    url = served.url + path_of(objects.download_url("named/file", 60, "ü;=,%0d%0a.csv"))
    disposition = requests.get(url, timeout=SECONDS).headers["Content-Disposition"]
    assert "\r" not in disposition
    assert disposition.startswith("attachment; filename=")


def test_header_with_a_line_end__is_no_header(served: Served) -> None:
    said = spoken(served, "GET /api/nodes HTTP/1.1", "Host: x", "X-A: b\nSet-Cookie: c=d")

    assert b"Set-Cookie: c=d" not in said
    assert not said.startswith(b"HTTP/1.1 5")


def test_body__packed__is_not_unpacked(served: Served) -> None:
    """A bomb of a thousandth of its size is JSON of another language here: nothing inflates it."""
    bomb = zlib.compress(b" " * 50_000_000)
    answer = requests.post(
        f"{served.url}/api/prices", data=bomb, headers={"Content-Encoding": "deflate"}, timeout=SECONDS
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "request.json")


class Planted:
    """Whoever unpickles this creates a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.file,)


def test_pickle__as_an_upload_a_body_or_an_event__is_never_opened(served: Served, tmp_path: Path) -> None:
    from backend.datasets import DatasetInvalid, inspect

    trap = tmp_path / "sprung"
    planted = pickle.dumps(Planted(trap))
    url = served.url + path_of(served.world.parts.objects.upload_url("pickled/upload", 60, 10_000))
    assert requests.put(url, data=planted, timeout=SECONDS).status_code == 201
    assert requests.post(f"{served.url}/api/prices", data=planted, timeout=SECONDS).status_code == 400
    with served.world.parts.objects.open("pickled/upload") as file, pytest.raises(DatasetInvalid):
        inspect(file, "upload.npz")
    assert not trap.exists()


def test_upload__the_same_whole_file_many_times_at_once__is_one_object(served: Served) -> None:
    url = served.url + path_of(served.world.parts.objects.upload_url("raced/upload", 60, 1_000))

    def put(_: int) -> int:
        return int(requests.put(url, data=b"z" * 1_000, timeout=SECONDS).status_code)

    with ThreadPoolExecutor(8) as pool:
        codes = set(pool.map(put, range(24)))

    assert 201 in codes
    assert codes <= {201, 503}
    stored = served.world.parts.objects.stat("raced/upload")
    assert stored is not None
    assert stored.size == 1_000
