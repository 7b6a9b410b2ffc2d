"""Bulk data over HTTP: fetched with hash and size checked, resumed where it broke off, put with retries."""

from __future__ import annotations

import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from fl_nodes.errors import Refused, Unreachable
from fl_nodes.protocol.hashing import sha256_hex
from fl_nodes.protocol.tasks import ObjectRef, Stored, Upload
from fl_nodes.trust import certificate_problem

MAX_BYTES = 4 * 2**30
ATTEMPTS = 6
MOST_RESUMPTIONS = 1000
FIRST_PAUSE_SECONDS = 0.2
TIMEOUT_SECONDS = (5.0, 60.0)
_WORTH_ANOTHER_TRY = (408, 425, 429, 500, 502, 503, 504)


class ObjectStore:
    """Objects behind signed URLs; what `keep` asks for stays in `folder` by its SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._http = requests.Session()
        folder.mkdir(parents=True, exist_ok=True)

    def fetch(self, ref: ObjectRef, limit: int = MAX_BYTES, keep: bool = False) -> bytes:
        """The object's bytes; Refused if it is too large or not what its hash says, Unreachable if it cannot be had."""
        if not 0 <= ref.size <= limit:
            raise Refused(
                "object.too_large",
                f"An object of {ref.size:,} bytes was announced; at most {limit:,} are taken.",
            )
        kept = self._folder / f"{ref.sha256}.safetensors"
        if keep and kept.is_file():
            data = kept.read_bytes()
            if sha256_hex(data) == ref.sha256:
                return data
        data = self._download(ref)
        if len(data) != ref.size or sha256_hex(data) != ref.sha256:
            raise Refused(
                "object.not_as_announced", "An object's content does not have the hash it was announced with."
            )
        if keep:
            _write_whole(kept, data)
        return data

    def put(self, upload: Upload, data: bytes, sha256: str | None = None) -> Stored:
        """Store bytes, whose SHA-256 may be known already; Unreachable if it cannot be done."""
        _check_url(upload.url)
        stored = Stored(upload.key, sha256 or sha256_hex(data), len(data))
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(ATTEMPTS):
            why = self._put_once(upload, data)
            if not why:
                return stored
            if attempt + 1 < ATTEMPTS:
                time.sleep(pause)
                pause *= 2
        raise Unreachable("object.put", f"An object could not be stored after {ATTEMPTS} attempts: {why}.")

    def _put_once(self, upload: Upload, data: bytes) -> str:
        """Empty when stored, else why another try may help; Refused where it will not."""
        headers = {"Content-Type": "application/octet-stream"} | upload.headers
        try:
            answer = self._http.put(
                upload.url, data=data, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            return certificate_problem(error) or type(error).__name__
        if answer.status_code in (200, 201, 204):
            return ""
        if answer.status_code in _WORTH_ANOTHER_TRY:
            return f"HTTP {answer.status_code}"
        raise Refused(
            "object.put_refused", f"The object store refused an upload (HTTP {answer.status_code})."
        )

    def _download(self, ref: ObjectRef) -> bytes:
        _check_url(ref.url)
        got = _Got()
        vain = 0
        why = ""
        for _ in range(MOST_RESUMPTIONS):
            before = got.size
            try:
                self._continue(ref, got)
            except (requests.RequestException, HTTPError) as error:
                why = certificate_problem(error) or type(error).__name__
            if got.size >= ref.size:
                return got.whole()
            vain = 0 if got.size > before else vain + 1
            if vain == ATTEMPTS:
                break
            time.sleep(FIRST_PAUSE_SECONDS * 2**vain)
        raise Unreachable(
            "object.fetch", f"An object could not be fetched, however often tried: {why or 'cut short'}."
        )

    def _continue(self, ref: ObjectRef, got: _Got) -> None:
        """Append what is missing; starts over where the server ignores the range."""
        headers = {"Accept-Encoding": "identity"}
        if got.size:
            headers["Range"] = f"bytes={got.size}-"
        with self._http.get(
            ref.url, headers=headers, stream=True, timeout=TIMEOUT_SECONDS, allow_redirects=False
        ) as answer:
            if answer.status_code in _WORTH_ANOTHER_TRY:
                raise requests.HTTPError(f"HTTP {answer.status_code}")
            if answer.status_code not in (200, 206):
                raise Refused(
                    "object.fetch_refused",
                    f"The object store refused a download (HTTP {answer.status_code}).",
                )
            if got.size and answer.status_code == 200:
                got.clear()
            answer.raw.enforce_content_length = (
                False  # a short answer is resumed, what has come of it is kept
            )
            # Asked for at once, what is left is read straight into its place.
            while chunk := answer.raw.read(ref.size - got.size):
                got.add(chunk)
            if answer.raw.read(1):
                raise Refused(
                    "object.too_large",
                    f"An object holds more than the {ref.size:,} bytes it was announced with.",
                )


class _Got:
    """What has come of an object: one piece where nothing breaks off, and then no byte is copied."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self.size = 0

    def add(self, piece: bytes) -> None:
        self._pieces.append(piece)
        self.size += len(piece)

    def clear(self) -> None:
        self._pieces.clear()
        self.size = 0

    def whole(self) -> bytes:
        return self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)


def _check_url(url: str) -> None:
    if urlsplit(url).scheme not in ("http", "https"):
        raise Refused("object.url", "An object's address is neither http nor https.")


def _write_whole(path: Path, data: bytes) -> None:
    unfinished = path.with_suffix(f".{os.getpid()}.part")
    unfinished.write_bytes(data)
    unfinished.replace(path)
