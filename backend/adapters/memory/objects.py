"""Objects in memory."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from typing import BinaryIO
from urllib.parse import quote

from backend.adapters.storage.keys import check_key, check_prefix
from backend.errors import NotFound
from backend.ports import SignedPut, StoredObject


class MemoryObjects:
    """`ports.Objects`; its URLs name the object and what they are for, and nothing serves them."""

    def __init__(self) -> None:
        self._data: dict[str, bytes] = {}

    def put(self, key: str, data: bytes) -> StoredObject:
        """Write whole; atomic."""
        self._data[check_key(key)] = bytes(data)
        return StoredObject(key, len(data), hashlib.sha256(data).hexdigest())

    def put_blocks(self, key: str, blocks: Iterable[bytes]) -> StoredObject:
        """Write what comes; atomic."""
        return self.put(key, b"".join(blocks))

    def open(self, key: str) -> BinaryIO:
        """Read; NotFound `object.unknown`."""
        if check_key(key) not in self._data:
            raise NotFound("object.unknown", f"There is no object {key}.")
        return io.BytesIO(self._data[key])

    def stat(self, key: str) -> StoredObject | None:
        """Size and hash, None if absent."""
        data = self._data.get(check_key(key))
        return None if data is None else StoredObject(key, len(data), hashlib.sha256(data).hexdigest())

    def delete(self, prefix: str) -> None:
        """Remove all objects whose key starts with `prefix`."""
        check_prefix(prefix)
        for key in [key for key in self._data if key.startswith(prefix)]:
            del self._data[key]

    def download_url(self, key: str, seconds: float, filename: str | None = None) -> str:
        """A URL that stands for a GET."""
        return f"memory://objects/{check_key(key)}?get&seconds={seconds}&filename={quote(filename or '')}"

    def upload_url(self, key: str, seconds: float, size: int) -> str:
        """A URL that stands for a resumable upload."""
        return f"memory://objects/{check_key(key)}?put&seconds={seconds}&size={size}"

    def put_url(self, key: str, seconds: float, max_bytes: int) -> SignedPut:
        """A URL that stands for a PUT."""
        return SignedPut(f"memory://objects/{check_key(key)}?put&seconds={seconds}&max={max_bytes}")
