"""Somebody's GPU machine: a terminal into which the command of a page is pasted."""

from __future__ import annotations

import os
import queue
import shlex
import signal
import subprocess
import threading
from pathlib import Path

from scripts.stack.config import ROOT
from scripts.stack.parts import TENSORFLOW

SECONDS = 90.0


class Machine:
    """Runs a line as it was copied; `ecodml` is this checkout's, `~` is `home`."""

    def __init__(self, line: str, home: Path) -> None:
        program, *arguments = shlex.split(line)
        assert program == "ecodml"
        self.home = home
        self._lines: queue.Queue[str] = queue.Queue()
        self._process = subprocess.Popen(
            [str(ROOT / ".venv" / "bin" / "ecodml"), *arguments],
            env={**os.environ, **TENSORFLOW, "HOME": str(home), "CUDA_VISIBLE_DEVICES": ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def says(self, word: str) -> str:
        """The next line that has this word in it."""
        seen: list[str] = []
        while True:
            try:
                seen.append(self._lines.get(timeout=SECONDS))
            except queue.Empty:
                raise AssertionError(f"the machine never said {word!r}, but:\n{''.join(seen)}") from None
            if word in seen[-1]:
                return seen[-1]

    def stop(self) -> None:
        """Ctrl-C."""
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(SECONDS)
        finally:
            self._process.kill()
            self._reader.join(SECONDS)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._lines.put(line)
