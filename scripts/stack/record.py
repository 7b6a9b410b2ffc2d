"""`stack.json`: the processes of a stack, so that another terminal can ask after it and stop it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from scripts.stack.process import is_alive, started_at

FILE = "stack.json"


@dataclass(frozen=True)
class Known:
    """A process by PID and start time in ticks since boot."""

    pid: int
    ticks: int

    @property
    def alive(self) -> bool:
        return is_alive(self.pid, self.ticks)


@dataclass(frozen=True)
class Record:
    """`status` is starting, ready, stopping, stopped or failed; `parts` are in the order of starting."""

    status: str
    supervisor: Known
    urls: dict[str, str]
    parts: dict[str, Known] = field(default_factory=dict)
    message: str = ""

    @property
    def running(self) -> bool:
        """Whether the supervisor still looks after it."""
        return self.supervisor.alive


def this_process() -> Known:
    """The calling process."""
    return Known(os.getpid(), started_at(os.getpid()) or 0)


def write_record(state: Path, record: Record) -> None:
    """Replace the record, whole or not at all."""
    state.mkdir(parents=True, exist_ok=True)
    unfinished = state / f".{FILE}.tmp"
    unfinished.write_text(json.dumps(asdict(record), indent=1) + "\n", encoding="utf-8")
    unfinished.replace(state / FILE)


def read_record(state: Path) -> Record | None:
    """The record, None where no stack was ever started."""
    try:
        document = json.loads((state / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    parts = {name: Known(**known) for name, known in document["parts"].items()}
    return Record(**{**document, "supervisor": Known(**document["supervisor"]), "parts": parts})
