"""The operator's object storage as a plain folder that the hosts read and write too."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from backend.adapters.storage.keys import check_key
from backend.errors import NotFound
from backend.ports import SignedPut, StoredObject


class SharedObjects:
    """`ports.Objects` with `file:` URLs. What it says of an object that a host wrote is read from the object, every time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._own: dict[str, StoredObject] = {}

    def path(self, key: str) -> Path:
        """Where an object is."""
        return self._root / check_key(key)

    def put(self, key: str, data: bytes) -> StoredObject:
        """Write whole."""
        path = self.path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self._own[key] = StoredObject(key, len(data), hashlib.sha256(data).hexdigest())
        return self._own[key]

    def put_blocks(self, key: str, blocks: Iterable[bytes]) -> StoredObject:
        """Write what comes."""
        return self.put(key, b"".join(blocks))

    def open(self, key: str) -> BinaryIO:
        """Read; NotFound `object.unknown`."""
        if not self.path(key).is_file():
            raise NotFound("object.unknown", f"There is no object {key}.")
        return self.path(key).open("rb")

    def stat(self, key: str) -> StoredObject | None:
        """Size and hash, None if absent."""
        if key in self._own:
            return self._own[key]
        path = self.path(key)
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return StoredObject(key, path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest())

    def delete(self, prefix: str) -> None:
        """Remove all objects in the folder `prefix`."""
        shutil.rmtree(self.path(prefix.rstrip("/")), ignore_errors=True)
        self._own = {key: facts for key, facts in self._own.items() if not key.startswith(prefix)}

    def download_url(self, key: str, seconds: float, filename: str | None = None) -> str:  # noqa: ARG002
        """Where to read it."""
        return self.path(key).as_uri()

    def upload_url(self, key: str, seconds: float, size: int) -> str:
        """Where a host may write it."""
        return self.put_url(key, seconds, size).url

    def put_url(self, key: str, seconds: float, max_bytes: int) -> SignedPut:  # noqa: ARG002
        """Where a host may write it."""
        self._own.pop(key, None)
        return SignedPut(self.path(key).as_uri())
