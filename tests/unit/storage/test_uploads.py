"""Resumable uploads into the folder store."""

import hashlib
import io
import random

import pytest

from backend.adapters.storage.folder import FolderObjects, Progress
from backend.errors import Conflict, Invalid, Recoverable
from tests.support.clock import ManualClock

DATA = random.Random(1).randbytes(3_000_000)
SIZE = len(DATA)


class Broken(io.RawIOBase):
    """A stream whose connection is lost after some bytes."""

    def __init__(self, data: bytes) -> None:
        self._rest = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        data = self._rest.read(size)
        if not data:
            raise ConnectionResetError
        return data


class Meanwhile(io.BytesIO):
    """A stream that does something while it is read."""

    def __init__(self, data: bytes, act) -> None:
        super().__init__(data)
        self._act = act

    def read(self, size: int | None = -1) -> bytes:
        self._act()
        return super().read(size)


@pytest.fixture
def root(tmp_path):
    return tmp_path / "objects"


@pytest.fixture
def objects(root):
    return FolderObjects(root, "http://api.example", b"s" * 32, ManualClock())


def write(objects, start, end, data=DATA, **kwargs):
    return objects.write_part("u/data", start, end, len(data), io.BytesIO(data[start : end + 1]), **kwargs)


def read(objects):
    with objects.open("u/data") as file:
        return file.read()


def test_write_part__whole__publishes_with_its_hash(objects, root):
    progress = write(objects, 0, SIZE - 1)
    assert progress.received == SIZE
    assert progress.stored == objects.stat("u/data")
    assert progress.stored.sha256 == hashlib.sha256(DATA).hexdigest()
    assert read(objects) == DATA
    assert list(root.rglob("*~part")) == []


def test_write_part__slices__publishes_after_the_last(objects):
    for start in range(0, SIZE - 500_000, 500_000):
        assert write(objects, start, start + 499_999) == Progress(start + 500_000)
        assert objects.stat("u/data") is None
        assert objects.received("u/data", SIZE) == Progress(start + 500_000)
    assert write(objects, SIZE - 500_000, SIZE - 1).stored is not None
    assert read(objects) == DATA


def test_write_part__connection_lost__keeps_what_came(objects):
    with pytest.raises(ConnectionResetError):
        objects.write_part("u/data", 0, SIZE - 1, SIZE, Broken(DATA[:1_234_567]))
    assert objects.received("u/data", SIZE) == Progress(1_234_567)
    write(objects, 1_234_567, SIZE - 1)
    assert read(objects) == DATA


def test_write_part__stream_ends_early__keeps_what_came(objects):
    assert objects.write_part("u/data", 0, SIZE - 1, SIZE, io.BytesIO(DATA[:10])) == Progress(10)
    assert objects.received("u/data", SIZE) == Progress(10)


def test_write_part__after_a_restart__goes_on(objects, root):
    write(objects, 0, 999)
    again = FolderObjects(root, "http://api.example", b"s" * 32, ManualClock())
    assert again.received("u/data", SIZE) == Progress(1000)
    write(again, 1000, SIZE - 1)
    assert read(again) == DATA


def test_write_part__gap__conflict_that_names_the_offset(objects):
    write(objects, 0, 999)
    with pytest.raises(Conflict) as refusal:
        write(objects, 2000, 2999)
    assert refusal.value.code == "upload.gap"
    assert "1000" in refusal.value.message


def test_write_part__part_sent_again__written_once(objects):
    write(objects, 0, 1999)
    write(objects, 1000, 1999)
    write(objects, 0, 2999)
    write(objects, 3000, SIZE - 1)
    assert read(objects) == DATA


def test_write_part__last_part_sent_again__answers_with_the_object(objects):
    write(objects, 0, 999)
    done = write(objects, 1000, SIZE - 1)
    assert write(objects, 1000, SIZE - 1) == done
    assert objects.received("u/data", SIZE) == done


def test_write_part__longer_stream_than_said__takes_only_its_range(objects):
    stream = io.BytesIO(DATA)
    assert objects.write_part("u/data", 0, 99, SIZE, stream) == Progress(100)
    assert stream.tell() == 100


def test_write_part__empty_object__published(objects):
    assert objects.write_part("u/data", 0, -1, 0, io.BytesIO()).stored.size == 0
    assert read(objects) == b""


@pytest.mark.parametrize(
    ("start", "end", "total"), [(-1, 5, 10), (5, 4, 10), (0, 10, 10), (0, 0, 0), (0, -1, 5)]
)
def test_write_part__impossible_range__refused(objects, start, end, total):
    with pytest.raises(Invalid) as refusal:
        objects.write_part("u/data", start, end, total, io.BytesIO(b"x" * 20))
    assert refusal.value.code == "upload.range"


def test_write_part__more_than_allowed__refused_before_a_byte_is_read(objects, root):
    stream = io.BytesIO(DATA)
    with pytest.raises(Invalid) as refusal:
        objects.write_part("u/data", 0, SIZE - 1, SIZE, stream, max_bytes=SIZE - 1)
    assert refusal.value.code == "upload.too_large"
    assert stream.tell() == 0
    assert list(root.rglob("*~part")) == []


def test_write_part__while_another_writes__recoverable(objects):
    refusals = []

    def interrupt() -> None:
        with pytest.raises(Recoverable) as refusal:
            write(objects, 0, 9)
        refusals.append(refusal.value.code)

    objects.write_part("u/data", 0, 99, SIZE, Meanwhile(DATA[:100], interrupt))
    assert set(refusals) == {"upload.busy"}
    assert objects.received("u/data", SIZE) == Progress(100)


def test_write_part__new_upload_of_another_size__drops_the_unfinished_one(objects, root):
    write(objects, 0, 999)
    write(objects, 0, 99, DATA[:5000])
    assert objects.received("u/data", SIZE) == Progress(0)
    assert len(list(root.rglob("*~part"))) == 1


def test_write_part__replacing_an_object__old_one_stays_until_whole(objects):
    objects.put("u/data", b"old")
    write(objects, 0, 999)
    assert read(objects) == b"old"
    write(objects, 1000, SIZE - 1)
    assert read(objects) == DATA


def test_delete__unfinished_upload__goes_too(objects, root):
    write(objects, 0, 999)
    objects.delete("u/")
    assert [path for path in root.rglob("*") if path.is_file() and path.name != "~lock"] == []


def test_write_part__large_object__is_never_whole_in_memory(objects):
    asked = []

    class Endless(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            asked.append(size)
            return bytes(size)

    objects.write_part("u/data", 0, 20_000_000 - 1, 20_000_000, Endless())
    assert max(asked) <= 1 << 20
    assert min(asked) > 0
    assert objects.stat("u/data").size == 20_000_000
