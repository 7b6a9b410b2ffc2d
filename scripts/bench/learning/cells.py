"""What is measured, cell by cell: each result is written as it comes, and a cell that is there is not run again."""

from __future__ import annotations

import json
import os
import platform
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fl_nodes.protocol.hashing import digest
from scripts.bench.learning.crew import Crew
from scripts.demo.customer import ROOT

KEY_DIGITS = 16

Record = dict[str, Any]


@dataclass(frozen=True)
class Cell:
    """One measurement: which part it belongs to, and every setting it depends on (plain JSON values)."""

    part: str
    config: dict[str, Any]

    @property
    def key(self) -> str:
        """Hash of part and settings."""
        return digest({"part": self.part, "config": self.config})[:KEY_DIGITS]

    def text(self) -> str:
        """The cell in one line."""
        return f"{self.part}: " + " ".join(f"{k}={_short(v)}" for k, v in self.config.items())


Play = Callable[[Crew, Cell], Record]


class Results:
    """Records by cell in a file of JSON lines; a line that a crash cut short is left out and its cell run again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._records: dict[str, Record] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else ():
            try:
                record = json.loads(line)
            except ValueError:
                continue
            self._records[record["key"]] = record

    def get(self, cell: Cell) -> Record | None:
        """A cell's record, None if it has not been run."""
        return self._records.get(cell.key)

    def of(self, cells: Iterable[Cell]) -> list[Record]:
        """The records of those cells that have been run, in their order."""
        return [r for r in map(self.get, cells) if r is not None]

    def add(self, record: Record) -> None:
        """Keep a record."""
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, separators=(",", ":")) + "\n")
            self._records[record["key"]] = record


class Stage:
    """Crews that take cells from one queue, each on a thread of its own. They live until `close`: a host starts slowly."""

    def __init__(self, results: Results, folder: Path, crews: int, scratch: Path) -> None:
        self._results = results
        self._crews = [
            Crew(scratch / f"crew-{i}", folder / "logs" / f"crew-{i}") for i in range(max(1, crews))
        ]
        self._failed: list[BaseException] = []

    def run(self, cells: Sequence[Cell], play: Play, crews: int | None = None) -> None:
        """Run what has not been run, by at most `crews` at once; the first failure stops all and is raised."""
        todo = [cell for cell in cells if self._results.get(cell) is None]
        if not todo:
            return
        left: queue.SimpleQueue[Cell] = queue.SimpleQueue()
        for cell in todo:
            left.put(cell)
        done = _Counter(len(todo))
        threads = [
            threading.Thread(target=self._work, args=(crew, left, play, done), name=f"crew-{i}")
            for i, crew in enumerate(self._crews[: min(crews or len(self._crews), len(todo))])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._failed:
            raise self._failed[0]

    def close(self) -> None:
        """End all crews."""
        for crew in self._crews:
            crew.close()

    def _work(self, crew: Crew, left: queue.SimpleQueue[Cell], play: Play, done: _Counter) -> None:
        try:
            while not self._failed:
                try:
                    cell = left.get_nowait()
                except queue.Empty:
                    return
                started = time.monotonic()
                found = play(crew, cell)
                seconds = round(time.monotonic() - started, 2)
                self._results.add(_record(cell, found, seconds, crew))
                done.tell(cell, seconds)
        except BaseException as error:  # noqa: BLE001 -- raised again by `run`, in the main thread
            self._failed.append(error)


class _Counter:
    def __init__(self, total: int) -> None:
        self._lock = threading.Lock()
        self._total = total
        self._done = 0

    def tell(self, cell: Cell, seconds: float) -> None:
        with self._lock:
            self._done += 1
            sys.stderr.write(f"{self._done}/{self._total} {seconds:.1f} s {cell.text()}\n")
            sys.stderr.flush()


def _record(cell: Cell, found: Record, seconds: float, crew: Crew) -> Record:
    here = {"python": platform.python_version(), "numpy": version("numpy")}
    return {
        "key": cell.key,
        "part": cell.part,
        "config": cell.config,
        "result": found,
        "seconds": seconds,
        "commit": commit(),
        "versions": here | crew.versions(),
    }


@cache
def commit() -> str:
    """The commit that is checked out, `+` where files differ from it; empty outside a repository."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--abbrev=12"],
        cwd=ROOT,
        env=os.environ | {"GIT_OPTIONAL_LOCKS": "0"},
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip()


def _short(value: Any) -> str:
    return ",".join(f"{k}:{v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
