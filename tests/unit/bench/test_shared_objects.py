"""The folder that stands in for object storage says of an object what is really there."""

import hashlib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from backend.errors import Invalid, NotFound
from scripts.bench.learning.shared_objects import SharedObjects

pytestmark = pytest.mark.unit


@pytest.fixture
def objects(tmp_path: Path) -> SharedObjects:
    return SharedObjects(tmp_path)


def test_put__own_object__is_read_and_described(objects: SharedObjects) -> None:
    objects.put("a/b", b"one")
    with objects.open("a/b") as file:
        assert file.read() == b"one"
    found = objects.stat("a/b")
    assert found is not None
    assert (found.size, found.sha256) == (3, hashlib.sha256(b"one").hexdigest())


def test_upload__host_writes_over_an_own_object__its_bytes_are_described(objects: SharedObjects) -> None:
    objects.put("a/b", b"one")
    Path(urlsplit(objects.upload_url("a/b", 1, 10)).path).write_bytes(b"other")
    found = objects.stat("a/b")
    assert found is not None
    assert found.sha256 == hashlib.sha256(b"other").hexdigest()


def test_delete__a_folder__takes_all_in_it_and_nothing_else(objects: SharedObjects) -> None:
    for key in ("a/1/x", "a/1/y", "a/2/x"):
        objects.put(key, b".")
    objects.delete("a/1/")
    assert [objects.stat(key) is None for key in ("a/1/x", "a/1/y", "a/2/x")] == [True, True, False]


def test_open__nothing_there_or_a_climbing_key__is_refused(objects: SharedObjects) -> None:
    with pytest.raises(NotFound):
        objects.open("a")
    with pytest.raises(Invalid):
        objects.stat("../a")
