"""What a machine's power settings were before they were changed: one file and one lock for all nodes of a machine."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

DEFAULT_FOLDER = Path("~/.ecodml/power")


class LeftBehind:
    """`folder` is the same for every node that this user runs on the machine."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or DEFAULT_FOLDER.expanduser()
        self._file = self._folder / "before.json"

    @contextlib.contextmanager
    def alone(self) -> Iterator[bool]:
        """Whether no other process holds the settings; while this one does, none can."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def note(self, by: str, settings: dict[str, int]) -> None:
        """Write down, on disk before it returns, what is about to be changed."""
        partial = self._file.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            json.dump({"by": by, "settings": settings}, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._file)

    def noted(self, by: str) -> dict[str, int] | None:
        """What was written down of this knob and not put back since."""
        try:
            said = json.loads(self._file.read_text(encoding="utf-8"))
            return {str(k): int(v) for k, v in said["settings"].items()} if said["by"] == by else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def forget(self) -> None:
        """It was put back."""
        self._file.unlink(missing_ok=True)
