"""Signs of life of the processes: who they are, that they live, and how many of a kind do."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable

import structlog

from backend.adapters import mongo
from backend.errors import EcoError

log = structlog.get_logger()

SECONDS = 2.0
PROCESSES = ("api", "dispatcher", "settler", "notifier")


def this_process() -> str:
    """Its name among all that share the database: the machine's (the pod's, the container's) and its own number."""
    return f"{socket.gethostname()}/{os.getpid()}"


def beat(processes: mongo.MongoProcesses, names: tuple[str, ...], stop: Callable[[], bool]) -> None:
    """Say so every two seconds that these live, until `stop()`."""

    def say() -> None:
        pause = threading.Event()
        while not stop():
            try:
                for name in names:
                    processes.beat(name, this_process(), time.time())
            except EcoError as error:
                log.warning("heartbeat.missed", code=error.code)
            pause.wait(SECONDS)

    threading.Thread(target=say, daemon=True, name="heartbeat").start()


def heartbeats(processes: mongo.MongoProcesses) -> dict[str, list[float]]:
    """When each process was heard of last, Unix seconds, by what it does."""
    return {name: processes.seen(name) for name in PROCESSES}
