"""Resumable uploads to Google Cloud Storage: one session for an object, whoever asks and in whichever process.

A session's URL is the only way back to the bytes it holds, and is a secret. It is kept in the metadata of an empty object under
`~uploads/`, where no key leads and for which no signed URL is made; it is written on the condition that nobody else was first.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import requests
from google.cloud import storage

from backend.adapters.storage.gcs_client import Place
from backend.adapters.storage.gcs_errors import (
    PATIENTLY,
    TIMEOUT_SECONDS,
    Changed,
    Missing,
    translated,
    unreachable,
)
from backend.errors import Recoverable

CONTENT_TYPE = "application/octet-stream"
_NONE = 0  # the generation that matches only where there is no object
_ALIVE = 308
_WHOLE = (200, 201)
_GONE = (404, 410, 499)


@dataclass(frozen=True)
class _Record:
    url: str
    size: int
    generation: int


class Sessions:
    """Sessions of one bucket, for pages of one origin."""

    def __init__(self, place: Place, origin: str) -> None:
        self._place = place
        self._origin = origin
        self._http = requests.Session()

    def url(self, key: str, size: int) -> str:
        """The object's session, the same for as long as it lives; a new one where it is over and no object came of it."""
        while True:
            record = self._read(key)
            if record is not None and record.size == size and self._usable(record, key):
                return record.url
            fresh = self._start(key, size)
            try:
                self._write(key, fresh, size, record.generation if record else _NONE)
            except Changed:
                # Another process was first; its session is everybody's.
                self._cancel(fresh)
                continue
            if record is not None:
                self._cancel(record.url)
            return fresh

    def forget(self, prefix: str) -> None:
        """Cancel and forget the sessions of all keys that start with `prefix`."""
        with translated():
            blobs = list(self._place.bucket.list_blobs(prefix=self._name(prefix), **PATIENTLY))
        for blob in blobs:
            self._cancel(_recorded(blob).url)
            try:
                with translated():
                    blob.delete(**PATIENTLY)
            except Missing:
                continue

    def _usable(self, record: _Record, key: str) -> bool:
        """Whether it goes on, or has ended with an object that is still there."""
        status = self._ask("PUT", record.url, {"Content-Range": f"bytes */{record.size}"})
        if status in _WHOLE:
            with translated():
                return bool(self._place.bucket.blob(self._place.name(key)).exists(**PATIENTLY))
        if status != _ALIVE and status not in _GONE:
            raise unreachable()
        return status == _ALIVE

    def _start(self, key: str, size: int) -> str:
        # The size is fixed, and what is there already cannot be written over: an accepted upload stays what it is.
        with translated():
            return str(
                self._place.bucket.blob(self._place.name(key)).create_resumable_upload_session(
                    content_type=CONTENT_TYPE,
                    size=size,
                    origin=self._origin,
                    checksum=None,
                    if_generation_match=_NONE,
                    **PATIENTLY,
                )
            )

    def _read(self, key: str) -> _Record | None:
        with translated():
            blob = self._place.bucket.get_blob(self._name(key), **PATIENTLY)
        return None if blob is None else _recorded(blob)

    def _write(self, key: str, url: str, size: int, generation: int) -> None:
        blob = self._place.bucket.blob(self._name(key))
        blob.metadata = {"url": url, "size": str(size)}
        with translated():
            blob.upload_from_string(b"", CONTENT_TYPE, if_generation_match=generation, **PATIENTLY)

    def _cancel(self, url: str) -> None:
        """End it; one that cannot be reached ends by itself within a week."""
        with suppress(Recoverable):
            self._ask("DELETE", url, {})

    def _ask(self, method: str, url: str, headers: dict[str, str]) -> int:
        with (
            translated(),
            self._http.request(
                method, url, data=b"", headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
            ) as answer,
        ):
            return answer.status_code

    def _name(self, key: str) -> str:
        return self._place.name(f"~uploads/{key}")


def _recorded(blob: storage.Blob) -> _Record:
    facts = blob.metadata or {}
    return _Record(facts.get("url", ""), int(facts.get("size", -1)), int(blob.generation))
