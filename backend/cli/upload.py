"""Sending a file to object storage: slices with `Content-Range`, continued where the store says it stands."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import requests

from backend.cli.client import Api, refusal
from backend.errors import Conflict, Invalid, Recoverable

SLICE_BYTES = 8 * 1024 * 1024
ATTEMPTS = 8
REFUSALS_IN_A_ROW = 4
_RESUME_INCOMPLETE = 308
_BUSY = (408, 425, 429)


class NotTaken(Invalid):
    """A request that the store did not take; with a fresh address it may take the next one."""


def upload(
    api: Api,
    new_url: Callable[[], str],
    path: Path,
    progress: Callable[[int, int], None],
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """PUT `path` to the signed URL that `new_url` gives; `progress(bytes_sent, bytes_total)` follows it.

    A lost connection is taken up where the store stands, and so is what another process began. Recoverable after several tries
    without progress, NotTaken after several refusals.
    """
    size = path.stat().st_size
    url, failures, refusals = new_url(), 0, 0
    sent: int | None = None  # asked first: another process may have begun
    with path.open("rb") as file:
        while sent is None or sent < size:
            try:
                sent = _stored(api, url, size) if sent is None else _put_slice(api, url, file, sent, size)
                progress(sent, size)
                failures = refusals = 0
            except (Recoverable, NotTaken) as error:
                refusals += isinstance(error, NotTaken)
                failures += 1
                if failures == ATTEMPTS or refusals == REFUSALS_IN_A_ROW:
                    raise
                sleep(min(0.2 * 2**failures, 5.0))
                sent, url = None, new_url()


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
    if response.status_code in _BUSY or response.status_code >= requests.codes.internal_server_error:
        raise Recoverable(
            "upload.status", f"The object store answered with status {response.status_code}; try again later."
        )
    if response.status_code != _RESUME_INCOMPLETE:
        raise _not_taken(response)
    told = response.headers.get("Range")
    if told is None:
        return 0
    match = re.fullmatch(r"bytes=0-(\d+)", told)
    if match is None or int(match[1]) >= size:
        raise Conflict(
            "upload.range", f"The object store answered with a range that makes no sense: {told!r}."
        )
    return int(match[1]) + 1


def _not_taken(response: requests.Response) -> NotTaken:
    told = refusal(response)
    if "." in told.code and not told.code.startswith("api."):
        return NotTaken(told.code, told.message)
    # Not this product's own words: a bucket has its own.
    return NotTaken("upload.status", f"The object store answered with status {response.status_code}.")
