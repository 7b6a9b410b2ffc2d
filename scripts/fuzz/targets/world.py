"""An API over the in-memory twins in a folder of its own, as its tests have one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from scripts.fuzz.target import promised
from tests.support.api_world import World


def world() -> World:
    """The world, its files in memory where the machine has such a folder: every upload is flushed to the disk."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes the folder
    return World(Path(tempfile.mkdtemp(prefix="ecodml-fuzz-", dir=memory if memory.is_dir() else None)))


def answered(response: Any) -> None:
    """An answer is not about a bug of the server's, and every refusal says why."""
    promised(
        response.status_code < 500 or response.status_code == 503,
        f"{response.status_code}: {response.data[:200]!r}",
    )
    if response.status_code >= 400 and response.mimetype == "application/json":
        error = response.json["error"]
        promised(bool(error["code"]) and bool(error["message"]), "a refusal without a word")
