"""Objects in a folder.

`KEY~SHA256` holds an object's bytes and `KEY~facts` its size and SHA-256. The facts name the bytes and are
replaced in one rename, last: a reader sees the old object or the new one, never a mixture, whenever a process is
killed. `KEY~TOTAL~part` is an unfinished upload; how far it got is its size.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import json
import os
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from backend.adapters.storage.keys import check_key, check_prefix
from backend.adapters.storage.links import Grant, Links
from backend.adapters.storage.room import room
from backend.errors import Conflict, Invalid, NotFound, Recoverable
from backend.ports import Clock, SignedPut, StoredObject

CHUNK_BYTES = 1 << 20
FACTS = "~facts"


@dataclass(frozen=True)
class Progress:
    """An upload: bytes held so far, and the object once it is whole."""

    received: int
    stored: StoredObject | None = None


class FolderObjects:
    """`ports.Objects`, and what the API needs to serve its URLs. Safe across threads and processes."""

    def __init__(self, root: Path, base_url: str, secret: bytes, clock: Clock) -> None:
        self._root = root
        self._clock = clock
        self._links = Links(base_url, secret)
        root.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, data: bytes) -> StoredObject:
        """Write whole; atomic."""
        return self.put_blocks(key, [data])

    def put_blocks(self, key: str, blocks: Iterable[bytes]) -> StoredObject:
        """Write what comes, of any length, without holding it; atomic."""
        temporary = self._root / f"{check_key(key)}~{uuid.uuid4().hex}~put"
        sha256 = hashlib.sha256()
        try:
            with room():
                temporary.parent.mkdir(parents=True, exist_ok=True)
                with temporary.open("wb") as file:
                    for block in blocks:
                        file.write(block)
                        sha256.update(block)
                    _flush(file)
            return self._publish(key, temporary, sha256.hexdigest())
        finally:
            temporary.unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO:
        """Read, from any position; NotFound `object.unknown`. An open one stays readable."""
        while True:
            stored = self.stat(key)
            if stored is None:
                raise NotFound("object.unknown", f"There is no object {key}.")
            try:
                return self._bytes_path(stored).open("rb")
            except FileNotFoundError:
                # Replaced between the two reads: the facts name other bytes now.
                if self.stat(key) == stored:
                    raise Recoverable("object.damaged", f"The bytes of object {key} are missing.") from None

    def stat(self, key: str) -> StoredObject | None:
        """Size and hash, None if absent."""
        try:
            facts = json.loads(self._facts_path(check_key(key)).read_text())
        except FileNotFoundError:
            return None
        return StoredObject(key, facts["size"], facts["sha256"])

    def keys(self) -> Iterator[str]:
        """Of all objects, in no order; what comes or goes meanwhile may be among them or not."""
        for facts in self._root.rglob(f"*{FACTS}"):
            yield self._key(facts)

    def delete(self, prefix: str) -> None:
        """Remove all objects whose key starts with `prefix`, and their unfinished uploads."""
        check_prefix(prefix)
        with self._lock():
            under = (self._root / f"{prefix}~").parent.rglob("*~*")
            files = [path for path in under if self._key(path).startswith(prefix)]
            # Facts first: an object is gone with them, and bytes that a kill leaves go when this is repeated.
            for path in sorted(files, key=lambda path: not path.name.endswith(FACTS)):
                path.unlink(missing_ok=True)

    def download_url(self, key: str, seconds: float, filename: str | None = None) -> str:
        """A signed GET URL, ranged."""
        return self._links.download(key, self._clock() + seconds, filename)

    def upload_url(self, key: str, seconds: float, size: int) -> str:
        """Where `size` bytes can be put, in slices with `Content-Range` or whole."""
        return self._links.upload(key, self._clock() + seconds, size)

    def put_url(self, key: str, seconds: float, max_bytes: int) -> SignedPut:
        """A signed URL for one PUT of at most `max_bytes`."""
        return SignedPut(self._links.upload(key, self._clock() + seconds, max_bytes))

    def verify(self, method: str, key: str, query: Mapping[str, str], now: float) -> Grant:
        """What a URL's query allows; Forbidden `object.signature` or `object.expired`."""
        return self._links.verify(method, key, query, now)

    def received(self, key: str, total: int) -> Progress:
        """How far an upload of `total` bytes got: the answer to `Content-Range: bytes */TOTAL`."""
        try:
            return Progress(self._part_path(key, total).stat().st_size)
        except FileNotFoundError:
            stored = self.stat(key)
            return Progress(total, stored) if stored is not None and stored.size == total else Progress(0)

    def write_part(
        self, key: str, start: int, end: int, total: int, stream: BinaryIO, max_bytes: int | None = None
    ) -> Progress:
        """Write bytes `start`..`end` (inclusive) of an upload of `total`; publish it when whole.

        A stream that ends early keeps what came. `start` may go back over bytes held (they are written anew) but
        not leave a gap (Conflict `upload.gap`). Invalid `upload.range`, `upload.too_large`; Recoverable
        `upload.busy` while another request writes to it. An empty object is start 0, end -1, total 0.
        """
        if not (0 <= start <= end < total or (start, end, total) == (0, -1, 0)):
            raise Invalid("upload.range", f"Bytes {start} to {end} of {total} are not a part of an upload.")
        if max_bytes is not None and total > max_bytes:
            raise Invalid("upload.too_large", f"At most {max_bytes} bytes can be uploaded here, not {total}.")
        progress = self.received(key, total)
        if start > 0 and progress.stored is not None:
            return progress
        if start > progress.received:
            raise Conflict("upload.gap", f"The upload holds {progress.received} bytes; go on from there.")
        part = self._part_path(key, total)
        part.parent.mkdir(parents=True, exist_ok=True)
        if start == 0:
            _drop_others(part, key)
        with room(), _exclusive(part) as file:
            file.seek(start)
            file.truncate()
            digest = hashlib.sha256()
            held = start + _copy(stream, file, end + 1 - start, digest.update)
            _flush(file)
            if held < total:
                return Progress(held)
            if start > 0:  # what came earlier was not seen here
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256")
            return Progress(total, self._publish(key, part, digest.hexdigest()))

    def _publish(self, key: str, written: Path, sha256: str) -> StoredObject:
        stored = StoredObject(key, written.stat().st_size, sha256)
        facts = self._facts_path(key)
        facts.parent.mkdir(parents=True, exist_ok=True)
        fresh = facts.with_name(f"{facts.name}~{uuid.uuid4().hex}~new")
        try:
            # On the disk before the lock is taken: everybody else's uploads would wait for it.
            with fresh.open("wb") as file:
                file.write(json.dumps({"size": stored.size, "sha256": stored.sha256}).encode())
                _flush(file)
            with self._lock():
                before = self.stat(key)
                written.replace(self._bytes_path(stored))
                fresh.replace(facts)
                if before is not None and before.sha256 != sha256:
                    self._bytes_path(before).unlink(missing_ok=True)
        finally:
            fresh.unlink(missing_ok=True)
        return stored

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self._root / "~lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _key(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix().partition("~")[0]

    def _facts_path(self, key: str) -> Path:
        return self._root / f"{key}{FACTS}"

    def _bytes_path(self, stored: StoredObject) -> Path:
        return self._root / f"{stored.key}~{stored.sha256}"

    def _part_path(self, key: str, total: int) -> Path:
        return self._root / f"{check_key(key)}~{total}~part"


@contextmanager
def _exclusive(part: Path) -> Iterator[io.BufferedRandom]:
    """The part's file, while no other request holds it."""
    with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            current = os.path.samestat(os.fstat(file.fileno()), part.stat())
        except (BlockingIOError, FileNotFoundError):
            current = False
        if not current:
            raise Recoverable("upload.busy", "Another request is writing to this upload; ask how far it got.")
        yield file


def _drop_others(part: Path, key: str) -> None:
    """Remove unfinished uploads of other sizes, lest one URL fill the disk with a file for each size."""
    for other in part.parent.glob(f"{key.rpartition('/')[2]}~*~part"):
        if other != part:
            with _exclusive(other):
                other.unlink()


def _copy(stream: BinaryIO, file: BinaryIO, size: int, see: Callable[[bytes], None]) -> int:
    copied = 0
    while copied < size:
        data = stream.read(min(CHUNK_BYTES, size - copied))
        if not data:
            break
        file.write(data)
        see(data)
        copied += len(data)
    return copied


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
