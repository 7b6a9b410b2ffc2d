"""`ecodml fetch ID DIR`: the result's files, checked against their hashes, under their own names."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

from backend.cli.client import Api, refusal
from backend.cli.terminal import Terminal
from backend.errors import Invalid, Unrecoverable

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}")
_BLOCK_BYTES = 1024 * 1024


def fetch(api: Api, ticket_id: str, folder: Path, terminal: Terminal) -> dict[str, Any]:
    """Download all files of a ticket into `folder`; returns path, sha256 and size by name.

    A file already there and right is kept. Unrecoverable `fetch.hash` for bytes the ticket does not name.
    """
    files = api.get(f"/api/tickets/{ticket_id}/files")["files"]
    if not files:
        raise Invalid("fetch.no_files", f"Ticket {ticket_id} has no files yet.")
    return fetch_from(api, files, folder, terminal)


def fetch_from(
    api: Api, files: dict[str, dict[str, Any]], folder: Path, terminal: Terminal
) -> dict[str, Any]:
    """Download files (`url`, `sha256`, `size` by name) into `folder`, each checked against its hash."""
    folder.mkdir(parents=True, exist_ok=True)
    fetched = {}
    for name, stored in sorted(files.items()):
        if not _NAME.fullmatch(name):
            raise Invalid("fetch.name", f"The API named a file {name!r}, which cannot be a file's name.")
        path = folder / name
        if not (path.is_file() and _sha256(path) == stored["sha256"]):
            download(api, stored["url"], path, stored["sha256"], terminal)
        fetched[name] = {"path": str(path), "sha256": stored["sha256"], "size": path.stat().st_size}
    return fetched


def download(api: Api, url: str, path: Path, sha256: str, terminal: Terminal) -> None:
    """GET a signed URL into `path`, which appears only when its hash is right."""
    part = path.with_name(f"{path.name}.part")
    with api.reach("GET", url, stream=True) as response:
        if not response.ok:
            raise refusal(response)
        received = 0
        with part.open("wb") as file:
            for block in response.iter_content(_BLOCK_BYTES):
                received += file.write(block)
                terminal.progress(f"{path.name}: {received:,} bytes")
    terminal.progress_done()
    if _sha256(part) != sha256:
        part.unlink()
        raise Unrecoverable(
            "fetch.hash",
            f"{path.name} is not what the ticket names: its SHA-256 differs, so it was not kept.",
        )
    part.replace(path)


def lines(fetched: dict[str, Any]) -> list[str]:
    """A line per file."""
    return [
        f"{stored['path']}  {stored['size']:,} bytes  sha256 {stored['sha256']}"
        for stored in fetched.values()
    ]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
