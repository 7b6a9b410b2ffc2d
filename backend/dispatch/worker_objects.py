"""Where workers fetch objects and put them: links that expire, onto the store."""

from __future__ import annotations

from backend.errors import NotFound
from backend.ports import Objects
from fl_nodes.protocol.tasks import ObjectRef, Upload

URL_SECONDS = 6 * 3600.0
MAX_OBJECT_BYTES = 4 * 2**30


def ref(objects: Objects, key: str) -> ObjectRef:
    """A reference that workers can fetch; NotFound `object.unknown`."""
    stored = objects.stat(key)
    if stored is None:
        raise NotFound("object.unknown", f"Object {key} is not in storage.")
    return ObjectRef(objects.download_url(key, URL_SECONDS), stored.sha256, stored.size)


def upload(objects: Objects, key: str) -> Upload:
    """Where a worker may put something."""
    signed = objects.put_url(key, URL_SECONDS, MAX_OBJECT_BYTES)
    return Upload(signed.url, key, dict(signed.headers))
