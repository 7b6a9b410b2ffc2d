"""`ports.Objects`: a folder, a bucket of Google Cloud Storage, and their twin in memory."""

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.adapters.memory import MemoryObjects
from backend.adapters.storage.folder import FolderObjects
from backend.adapters.storage.gcs import GcsObjects
from backend.adapters.storage.gcs_client import connect
from backend.errors import Invalid, NotFound
from backend.ports import StoredObject
from tests.support import gcs as gcs_server
from tests.support.clock import ManualClock

BAD_KEYS = [
    "",
    "/a",
    "a/",
    "a//b",
    "../a",
    "a/../b",
    "a/./b",
    "..",
    "a b",
    "a\\b",
    "a~b",
    "é",
    "a\n",
    "a" * 151,
    "a/" * 256,
]


@pytest.fixture(scope="module")
def gcs(tmp_path_factory):
    with gcs_server.running(tmp_path_factory.mktemp("gcs")) as store:
        yield store


@pytest.fixture(params=["memory", "folder", "gcs"])
def objects(request, tmp_path):
    if request.param == "memory":
        return MemoryObjects()
    if request.param == "gcs":
        store = request.getfixturevalue("gcs")
        place = connect(f"{store.address}/{uuid.uuid4().hex}", store.endpoint, store.credentials_file)
        return GcsObjects(place, "http://api.example")
    return FolderObjects(tmp_path / "objects", "http://api.example", b"s" * 32, ManualClock())


def test_put__bytes__read_back_with_size_and_hash(objects):
    data = bytes(range(256)) * 5
    stored = objects.put("jobs/1/model.keras", data)
    assert stored == StoredObject("jobs/1/model.keras", len(data), hashlib.sha256(data).hexdigest())
    assert objects.stat("jobs/1/model.keras") == stored
    with objects.open("jobs/1/model.keras") as file:
        assert file.read() == data
        file.seek(-3, 2)
        assert file.read() == data[-3:]


def test_put_blocks__pieces__are_one_object(objects):
    pieces = [b"a" * 1000, b"", b"bc"]
    stored = objects.put_blocks("jobs/1/bundle.tar", iter(pieces))
    whole = b"".join(pieces)
    assert stored == StoredObject("jobs/1/bundle.tar", len(whole), hashlib.sha256(whole).hexdigest())
    with objects.open("jobs/1/bundle.tar") as file:
        assert file.read() == whole


def test_put_blocks__pieces_that_break_off__leave_what_was_there(objects):
    objects.put("k", b"before")

    def broken():
        yield b"half"
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"):
        objects.put_blocks("k", broken())
    with objects.open("k") as file:
        assert file.read() == b"before"


def test_put__again__replaces_while_readers_keep_theirs(objects):
    objects.put("k", b"old")
    with objects.open("k") as before:
        objects.put("k", b"newer")
        assert before.read() == b"old"
    with objects.open("k") as after:
        assert after.read() == b"newer"
    assert objects.stat("k").size == 5


def test_put__empty__is_an_object(objects):
    assert objects.put("empty", b"").size == 0
    assert objects.stat("empty").sha256 == hashlib.sha256(b"").hexdigest()


def test_put__key_and_key_below_it__stand_side_by_side(objects):
    objects.put("a", b"1")
    objects.put("a/b", b"2")
    with objects.open("a") as one, objects.open("a/b") as two:
        assert (one.read(), two.read()) == (b"1", b"2")


def test_open__unknown__not_found(objects):
    assert objects.stat("nothing/here") is None
    with pytest.raises(NotFound) as refusal:
        objects.open("nothing/here")
    assert refusal.value.code == "object.unknown"


def test_delete__prefix__removes_all_that_start_with_it(objects):
    for key in ("jobs/1/a", "jobs/1/b/c", "jobs/10/a", "jobs/2/a", "job"):
        objects.put(key, b"x")
    objects.delete("jobs/1/")
    objects.delete("nothing/at/all")
    left = [k for k in ("jobs/1/a", "jobs/1/b/c", "jobs/10/a", "jobs/2/a", "job") if objects.stat(k)]
    assert left == ["jobs/10/a", "jobs/2/a", "job"]
    objects.delete("jobs/1")
    assert objects.stat("jobs/10/a") is None
    objects.delete("job")
    assert objects.stat("jobs/2/a") is None


@pytest.mark.parametrize("key", BAD_KEYS)
def test_every_verb__bad_key__refused(objects, key):
    for act in (
        lambda: objects.put(key, b""),
        lambda: objects.open(key),
        lambda: objects.stat(key),
        lambda: objects.download_url(key, 1),
        lambda: objects.upload_url(key, 1, 1),
        lambda: objects.put_url(key, 1, 1),
    ):
        with pytest.raises(Invalid) as refusal:
            act()
        assert refusal.value.code == "object.key"


@pytest.mark.parametrize("prefix", ["", "/", "../", "a/../b", "~", "a*"])
def test_delete__bad_prefix__refused(objects, prefix):
    with pytest.raises(Invalid) as refusal:
        objects.delete(prefix)
    assert refusal.value.code == "object.key"


def test_urls__of_one_key__differ_by_purpose(objects):
    get, put = objects.download_url("a/b", 60, "model.h5"), objects.put_url("a/b", 60, 10).url
    assert "/a/b?" in get
    assert "/a/b?" in put
    assert len({get, put, objects.upload_url("a/b", 60, 10)}) >= 2
    assert get != put


def test_put__raced_by_many__one_of_them_whole(objects):
    contents = [bytes([n]) * 200_000 for n in range(6)]
    with ThreadPoolExecutor(6) as writers:
        list(writers.map(lambda data: [objects.put("k", data) for _ in range(5)], contents))
    with objects.open("k") as file:
        data = file.read()
    assert data in contents
    assert objects.stat("k").sha256 == hashlib.sha256(data).hexdigest()
