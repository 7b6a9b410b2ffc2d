"""Objects in a bucket of Google Cloud Storage.

The store knows checksums (CRC32C, MD5) that anybody could forge. What counts here is the SHA-256: written as metadata with
what this server puts, and found by reading once what others put. It belongs to one generation of the object, and nobody else
can set it.
"""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast
from urllib.parse import quote

from google.cloud import storage

from backend.adapters.storage.gcs_client import Place
from backend.adapters.storage.gcs_errors import PATIENTLY, Missing, damaged, translated
from backend.adapters.storage.gcs_sessions import CONTENT_TYPE, Sessions
from backend.adapters.storage.keys import check_filename, check_key, check_prefix
from backend.adapters.storage.room import room
from backend.errors import NotFound, Recoverable
from backend.ports import SignedPut, StoredObject

SHA256 = "ecodml-sha256"
LONGEST_URL_SECONDS = 7 * 86_400  # of a V4 signature
_IN_MEMORY_BYTES = 8 << 20


class GcsObjects:
    """`ports.Objects`. Its URLs lead to the store itself; `origin` is that of the pages that upload. Safe across threads and
    processes.
    """

    def __init__(self, place: Place, origin: str) -> None:
        self._place = place
        self._sessions = Sessions(place, origin)

    def put(self, key: str, data: bytes) -> StoredObject:
        """Write whole; atomic."""
        return self._put(key, io.BytesIO(data), len(data), hashlib.sha256(data).hexdigest())

    def put_blocks(self, key: str, blocks: Iterable[bytes]) -> StoredObject:
        """Write what comes, of any length, without holding it; atomic."""
        check_key(key)
        # On this server's disk first: the hash goes with the object, and what breaks off can be sent again.
        with _passing() as file:
            sha256 = hashlib.sha256()
            for block in blocks:
                with room():
                    file.write(block)
                sha256.update(block)
            size = file.tell()
            file.seek(0)
            return self._put(key, file, size, sha256.hexdigest())

    def open(self, key: str) -> BinaryIO:
        """Read, from any position; NotFound `object.unknown`. An open one stays readable: it is a copy."""
        while True:
            blob = self._find(key)
            if blob is None:
                raise NotFound("object.unknown", f"There is no object {key}.")
            file = _passing()
            try:
                sha256 = self._read(blob, file)
                if sha256 != _noted(blob, sha256):
                    raise damaged()
                file.seek(0)
                return file
            except Missing:
                file.close()  # Replaced or deleted since it was found.
            except BaseException:
                file.close()
                raise

    def stat(self, key: str) -> StoredObject | None:
        """Size and hash, None if absent. What others put is read once for its hash."""
        while True:
            blob = self._find(key)
            if blob is None:
                return None
            try:
                return StoredObject(key, int(blob.size), _noted(blob) or self._note(blob))
            except Missing:
                continue

    def delete(self, prefix: str) -> None:
        """Remove all objects whose key starts with `prefix`, and their unfinished uploads."""
        check_prefix(prefix)
        with translated():
            blobs = list(self._place.bucket.list_blobs(prefix=self._place.name(prefix), **PATIENTLY))
        for blob in blobs:
            with suppress(Missing), translated():
                blob.delete(**PATIENTLY)
        self._sessions.forget(prefix)

    def download_url(self, key: str, seconds: float, filename: str | None = None) -> str:
        """A signed GET URL, ranged."""
        return self._signed("GET", key, seconds, response_disposition=_disposition(filename))

    def upload_url(self, key: str, seconds: float, size: int) -> str:  # noqa: ARG002 - a session lives a week, whatever is asked
        """The address of the object's resumable upload: the same one until it is over."""
        return self._sessions.url(check_key(key), size)

    def put_url(self, key: str, seconds: float, max_bytes: int) -> SignedPut:
        """A signed URL for one PUT of at most `max_bytes`."""
        range_header = {"x-goog-content-length-range": f"0,{max_bytes}"}
        url = self._signed("PUT", key, seconds, content_type=CONTENT_TYPE, headers=range_header)
        return SignedPut(url, {"Content-Type": CONTENT_TYPE, **range_header})

    def probe(self) -> str:
        """What the health page shows; Recoverable where the bucket cannot be read."""
        with translated():
            next(iter(self._place.bucket.list_blobs(max_results=1, **PATIENTLY)), None)
        return f"bucket {self._place.bucket.name}"

    def _blob(self, key: str, generation: int | None = None) -> storage.Blob:
        return self._place.bucket.blob(self._place.name(check_key(key)), generation=generation)

    def _find(self, key: str) -> storage.Blob | None:
        with translated():
            return self._place.bucket.get_blob(self._place.name(check_key(key)), **PATIENTLY)

    def _put(self, key: str, file: BinaryIO, size: int, sha256: str) -> StoredObject:
        blob = self._blob(key)
        blob.metadata = {SHA256: sha256}
        with translated():
            blob.upload_from_file(file, size=size, content_type=CONTENT_TYPE, **PATIENTLY)
        return StoredObject(key, size, sha256)

    def _read(self, blob: storage.Blob, sink: BinaryIO | None) -> str:
        """Its SHA-256, of the very generation that was found; into `sink` too. Missing where that is gone."""
        copy = _Hashed(sink)
        with room(), translated():
            this = self._place.bucket.blob(blob.name, generation=blob.generation)
            this.download_to_file(copy, raw_download=True, **PATIENTLY)
        if copy.size != blob.size:
            raise damaged()
        return copy.sha256.hexdigest()

    def _note(self, blob: storage.Blob) -> str:
        """Find the hash by reading, and write it down; a hash that cannot be written is found anew the next time."""
        sha256 = self._read(blob, None)
        blob.metadata = {**(blob.metadata or {}), SHA256: sha256}
        with suppress(Recoverable), translated():
            blob.patch(
                if_generation_match=blob.generation,
                if_metageneration_match=blob.metageneration,
                **PATIENTLY,
            )
        return sha256

    def _signed(self, method: str, key: str, seconds: float, **what: Any) -> str:
        lifetime = timedelta(seconds=min(max(1, math.ceil(seconds)), LONGEST_URL_SECONDS))
        return str(
            self._blob(key).generate_signed_url(
                version="v4",
                expiration=lifetime,
                method=method,
                credentials=self._place.signer,
                api_access_endpoint=self._place.endpoint,
                **what,
            )
        )


class _Hashed(io.RawIOBase):
    """Takes what is written, and hands it on if there is where to."""

    def __init__(self, sink: BinaryIO | None) -> None:
        self._sink = sink
        self.sha256 = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        if self._sink is not None:
            self._sink.write(data)
        self.sha256.update(data)
        self.size += len(data)
        return len(data)


def _passing() -> BinaryIO:
    """A file for a while: in memory while it is small."""
    return cast("BinaryIO", SpooledTemporaryFile(_IN_MEMORY_BYTES))


def _noted(blob: storage.Blob, otherwise: str = "") -> str:
    return str((blob.metadata or {}).get(SHA256, otherwise))


def _disposition(filename: str | None) -> str:
    """Saved, never shown: what others put must not open as a page."""
    if filename is None:
        return "attachment"
    plain = check_filename(filename).encode("ascii", "replace").decode().replace("?", "_")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
