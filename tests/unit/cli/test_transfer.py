"""Uploads that resume and downloads that are checked."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from backend.cli import upload as upload_module
from backend.cli.client import Api
from backend.cli.fetch import fetch
from backend.cli.terminal import Terminal
from backend.cli.upload import ATTEMPTS, REFUSALS_IN_A_ROW, NotTaken, upload
from backend.errors import Invalid, Recoverable, Unrecoverable

from .fake_api import Answer, FakeApi, Gone

pytestmark = pytest.mark.unit

URL = "http://api.test/objects/data"


class Store:
    """An object store that takes slices; it hangs up before the slices
    whose starts are in `drop`, once each."""

    def __init__(self, drop: set[int]) -> None:
        self.data = b""
        self.drop = set(drop)

    def put(self, request: requests.PreparedRequest) -> Answer:
        span = request.headers["Content-Range"]
        match = re.fullmatch(r"bytes (?:\*|(\d+)-(\d+))/(\d+)", span)
        assert match
        size = int(match[3])
        if match[1] is not None:
            start = int(match[1])
            if start in self.drop:
                self.drop.remove(start)
                raise requests.ConnectionError("hung up", request=request)
            assert start == len(self.data)
            assert isinstance(request.body, bytes)
            self.data += request.body
        if len(self.data) == size:
            return 201, {}
        return 308, b"", {"Range": f"bytes=0-{len(self.data) - 1}"} if self.data else {}


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of four bytes."""
    monkeypatch.setattr(upload_module, "SLICE_BYTES", 4)


@pytest.mark.parametrize("drop", [set(), {0}, {4}, {0, 8}])
def test_upload__connection_lost__continues_where_the_store_stands(tmp_path: Path, drop: set[int]) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"0123456789")
    store, seen = Store(drop), []
    fake = FakeApi({"PUT /objects/data": store.put})
    api = Api("http://api.test", session=fake.session())
    upload(api, lambda: URL, path, lambda sent, size: seen.append((sent, size)), sleep=lambda _: None)
    assert store.data == b"0123456789"
    assert seen[-1] == (10, 10)


def test_upload__store_stays_away__gives_up() -> None:
    api = Api("http://api.test", session=Gone({}).session())
    pauses: list[float] = []
    with pytest.raises(Recoverable):
        upload(api, lambda: URL, Path(__file__), lambda *_: None, sleep=pauses.append)
    assert len(pauses) == ATTEMPTS - 1


@pytest.mark.parametrize(
    ("status", "answer", "code"),
    [
        (403, {"error": {"code": "object.signature", "message": "No."}}, "object.signature"),
        (404, {"error": {"code": 404, "message": "Not Found"}}, "upload.status"),
        (412, b"<?xml version='1.0'?><Error/>", "upload.status"),
    ],
)
def test_upload__store_refuses__is_asked_for_fresh_addresses_and_raises_its_refusal(
    status: int, answer: Any, code: str
) -> None:
    refused = FakeApi({"PUT /objects/data": (status, answer)})
    addresses = iter([URL] * REFUSALS_IN_A_ROW)
    with pytest.raises(NotTaken) as error:
        upload(
            Api("http://api.test", session=refused.session()),
            lambda: next(addresses),
            Path(__file__),
            lambda *_: None,
            sleep=lambda _: None,
        )
    assert error.value.code == code
    assert next(addresses, None) is None


@pytest.mark.parametrize("status", [429, 500, 503])
def test_upload__store_is_busy__is_waited_for(tmp_path: Path, status: int) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"0123456789")
    store, answers = Store(set()), iter([(status, b"")] * 3)
    fake = FakeApi({"PUT /objects/data": lambda request: next(answers, None) or store.put(request)})
    api = Api("http://api.test", session=fake.session())
    upload(api, lambda: URL, path, lambda *_: None, sleep=lambda _: None)
    assert store.data == b"0123456789"


def test_upload__another_process_began__goes_on_from_there(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b"0123456789")
    store = Store(set())
    store.data = b"01234567"
    fake = FakeApi({"PUT /objects/data": store.put})
    seen: list[tuple[int, int]] = []
    api = Api("http://api.test", session=fake.session())
    upload(api, lambda: URL, path, lambda *at: seen.append(at))
    assert (store.data, seen) == (b"0123456789", [(8, 10), (10, 10)])


def _files(name: str, data: bytes, sha256: str | None = None) -> FakeApi:
    stored: dict[str, Any] = {
        "url": f"http://api.test/objects/{name}",
        "sha256": sha256 or hashlib.sha256(data).hexdigest(),
        "size": len(data),
    }
    return FakeApi(
        {"GET /api/tickets/t-1/files": (200, {"files": {name: stored}}), f"GET /objects/{name}": (200, data)}
    )


def test_fetch__right_bytes__are_kept_and_not_fetched_twice(tmp_path: Path, terminal: Terminal) -> None:
    fake = _files("model.json", b"{}")
    api = Api("http://api.test", session=fake.session())
    assert fetch(api, "t-1", tmp_path / "out", terminal)["model.json"]["size"] == 2
    fetch(api, "t-1", tmp_path / "out", terminal)
    assert (tmp_path / "out" / "model.json").read_bytes() == b"{}"
    assert [place for place, _ in fake.asked].count("GET /objects/model.json") == 1


def test_fetch__other_bytes_than_promised__are_not_kept(tmp_path: Path, terminal: Terminal) -> None:
    api = Api("http://api.test", session=_files("model.json", b"{}", "00" * 32).session())
    with pytest.raises(Unrecoverable):
        fetch(api, "t-1", tmp_path, terminal)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "..", ".hidden", ""])
def test_fetch__name_that_is_a_path__is_refused(tmp_path: Path, terminal: Terminal, name: str) -> None:
    with pytest.raises(Invalid):
        fetch(Api("http://api.test", session=_files(name, b"x").session()), "t-1", tmp_path / "out", terminal)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
