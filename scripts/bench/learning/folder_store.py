"""The nodes' object store over a folder instead of HTTP; sizes and hashes are checked as ever."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from fl_nodes.errors import Refused
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.hashing import sha256_hex
from fl_nodes.protocol.tasks import ObjectRef, Stored, Upload


class FolderStore(ObjectStore):
    """Objects behind `file:` URLs."""

    def put(self, upload: Upload, data: bytes, sha256: str | None = None) -> Stored:
        """Write an object."""
        path = _path(upload.url)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return Stored(upload.key, sha256 or sha256_hex(data), len(data))

    def _download(self, ref: ObjectRef) -> bytes:
        return _path(ref.url).read_bytes()


def _path(url: str) -> Path:
    parts = urlsplit(url)
    if parts.scheme != "file":
        raise Refused("object.url", "An object of the bench is a file.")
    return Path(parts.path)
