"""A process of the load, spoken to by words and answering in JSON, line by line (`lines`)."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from scripts.demo.story import Broken
from scripts.stack.config import ROOT

STOP_SECONDS = 10.0


class Spoken:
    """A process of the load. Its standard error goes to a log; it ends with this one, for its input ends then."""

    def __init__(self, name: str, python: Path, arguments: Sequence[str], log: Path) -> None:
        self.name = name
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                (str(python), "-m", *arguments),
                cwd=ROOT,
                env=os.environ
                | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "2"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._lock = threading.Lock()

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    def heard(self) -> dict[str, Any]:
        """The next line it says; Broken if it has ended."""
        line = cast("Any", self._process.stdout).readline()
        if not line:
            raise Broken(f"{self.name} ended with {self._process.wait()}; {self._log} says why")
        said: dict[str, Any] = json.loads(line)
        return said

    def ask(self, word: str) -> dict[str, Any]:
        """What it answers to a word."""
        with self._lock:
            pipe = cast("Any", self._process.stdin)
            pipe.write(word + "\n")
            pipe.flush()
            return self.heard()

    def stop(self) -> None:
        """End it."""
        cast("Any", self._process.stdin).close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        cast("Any", self._process.stdout).close()
