"""A real redis-server for tests: on a free port, in a folder of its own; with a password or over TLS where asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.mongod import free_port

STARTUP_SECONDS = 30.0


class Redis:
    """A process; `kill` is a crash, `start` brings it back empty, as a queue may."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._options: Sequence[str] = options
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        program = os.environ.get("ECODML_REDIS") or shutil.which("redis-server")
        assert program is not None, "there is no redis-server here: `make install` brings one"
        self._folder.mkdir(parents=True, exist_ok=True)
        port = () if "--tls-port" in self._options else ("--port", str(self.port))
        kept = ("--save", "", "--appendonly", "no", "--dir", str(self._folder), "--bind", "127.0.0.1")
        (self._folder / "out").unlink(missing_ok=True)
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen([program, *port, *kept, *self._options], stdout=out, stderr=out)
        self._wait()

    def kill(self) -> None:
        """Crash it (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _wait(self) -> None:
        until = time.monotonic() + STARTUP_SECONDS
        while b"Ready to accept connections" not in (self._folder / "out").read_bytes():
            if time.monotonic() > until or self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"redis-server did not start; see {self._folder / 'out'}")
            time.sleep(0.02)


@contextmanager
def running(folder: Path, *options: str) -> Iterator[Redis]:
    """One that takes connections, for a while."""
    server = Redis(folder, *options)
    try:
        server.start()
        yield server
    finally:
        server.kill()
