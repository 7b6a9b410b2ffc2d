"""Bulk data over HTTP that breaks off, lies, or is not there."""

from pathlib import Path

import pytest

from fl_nodes import objects
from fl_nodes.errors import Refused, Unreachable
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.tasks import ObjectRef, Upload
from tests.integration.fl_nodes.object_server import Store

DATA = bytes(range(256)) * 40


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "FIRST_PAUSE_SECONDS", 0.001)


def test_fetch__connection_cut_again_and_again__resumes_where_it_was(store: Store, tmp_path: Path) -> None:
    ref = store.put("a", DATA)
    store.cut_after = 3000
    assert ObjectStore(tmp_path).fetch(ref) == DATA
    assert store.requests == ["GET /a", *(f"GET /a bytes={n}-" for n in (3000, 6000, 9000))]


def test_fetch__server_without_ranges__starts_over(store: Store, tmp_path: Path) -> None:
    ref = store.put("a", DATA)
    store.cut_after, store.ranges = 6000, False
    with pytest.raises(Unreachable):
        ObjectStore(tmp_path).fetch(ref)
    store.cut_after = None
    assert ObjectStore(tmp_path).fetch(ref) == DATA


def test_fetch__busy_server__is_asked_again(store: Store, tmp_path: Path) -> None:
    ref = store.put("a", DATA)
    store.failing = 3
    assert ObjectStore(tmp_path).fetch(ref) == DATA


def test_fetch__kept__is_fetched_once_and_never_trusted_blindly(store: Store, tmp_path: Path) -> None:
    ref = store.put("a", DATA)
    assert ObjectStore(tmp_path).fetch(ref, keep=True) == DATA
    assert ObjectStore(tmp_path).fetch(ref, keep=True) == DATA
    assert len(store.requests) == 1
    (tmp_path / f"{ref.sha256}.safetensors").write_bytes(b"tampered")
    assert ObjectStore(tmp_path).fetch(ref, keep=True) == DATA
    assert len(store.requests) == 2


def test_fetch__other_content_or_more_than_announced__is_refused(store: Store, tmp_path: Path) -> None:
    ref = store.put("a", DATA)
    store.objects["a"] = DATA[::-1]
    with pytest.raises(Refused, match="hash"):
        ObjectStore(tmp_path).fetch(ref)
    store.objects["a"] = DATA * 3
    with pytest.raises(Refused, match="more than"):
        ObjectStore(tmp_path).fetch(ref)
    with pytest.raises(Refused, match="at most"):
        ObjectStore(tmp_path).fetch(ref, limit=100)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://x/y", "data:,x"])
def test_fetch_and_put__other_schemes__are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(Refused, match="http"):
        ObjectStore(tmp_path).fetch(ObjectRef(url, "00" * 32, 1))
    with pytest.raises(Refused, match="http"):
        ObjectStore(tmp_path).put(Upload(url, "k"), b"x")


def test_fetch__missing__is_refused_at_once(store: Store, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="404"):
        ObjectStore(tmp_path).fetch(ObjectRef(f"{store.url}/none", "00" * 32, 1))
    assert len(store.requests) == 1


def test_put__busy_server__is_asked_again_until_it_gives_up(store: Store, tmp_path: Path) -> None:
    store.failing = 2
    stored = ObjectStore(tmp_path).put(store.upload("b"), DATA)
    assert store.objects["b"] == DATA
    assert (stored.key, stored.size) == ("b", len(DATA))
    store.failing = 100
    with pytest.raises(Unreachable, match="503"):
        ObjectStore(tmp_path).put(store.upload("b"), DATA)
