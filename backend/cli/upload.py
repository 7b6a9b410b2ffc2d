"""Sending a file to object storage: slices with `Content-Range`, continued where the store says it stands."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import requests

from backend.cli.client import Api, refusal
from backend.errors import Conflict, Recoverable

SLICE_BYTES = 8 * 1024 * 1024
ATTEMPTS = 8
_RESUME_INCOMPLETE = 308


def upload(
    api: Api,
    new_url: Callable[[], str],
    path: Path,
    progress: Callable[[int, int], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """PUT `path` to the signed URL that `new_url` gives; `progress(bytes_sent, bytes_total)` follows it.

    A lost connection is taken up where the store stands; Recoverable after several tries without progress.
    """
    size = path.stat().st_size
    url, failures, sent = new_url(), 0, 0
    with path.open("rb") as file:
        while True:
            try:
                if failures:
                    sent = _stored(api, url, size)
                if sent < size:
                    sent = _put_slice(api, url, file, sent, size)
                progress(sent, size)
                failures = 0
            except Recoverable:
                failures += 1
                if failures == ATTEMPTS:
                    raise
                sleep(min(0.2 * 2**failures, 5.0))
                url = new_url()
            if not failures and sent == size:
                return


def _put_slice(api: Api, url: str, file: BinaryIO, start: int, size: int) -> int:
    file.seek(start)
    body = file.read(min(SLICE_BYTES, size - start))
    headers = {"Content-Range": f"bytes {start}-{start + len(body) - 1}/{size}"}
    with api.reach("PUT", url, data=body, headers=headers) as response:
        return _position(response, size)


def _stored(api: Api, url: str, size: int) -> int:
    with api.reach("PUT", url, data=b"", headers={"Content-Range": f"bytes */{size}"}) as response:
        return _position(response, size)


def _position(response: requests.Response, size: int) -> int:
    if response.ok and response.status_code != _RESUME_INCOMPLETE:
        return size
    if response.status_code != _RESUME_INCOMPLETE:
        raise refusal(response)
    told = response.headers.get("Range")
    if told is None:
        return 0
    match = re.fullmatch(r"bytes=0-(\d+)", told)
    if match is None or int(match[1]) >= size:
        raise Conflict(
            "upload.range", f"The object store answered with a range that makes no sense: {told!r}."
        )
    return int(match[1]) + 1
