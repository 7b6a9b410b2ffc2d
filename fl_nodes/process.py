"""What every worker process shares: stop on SIGTERM and SIGINT, describe the machine."""

from __future__ import annotations

import os
import platform
import signal
import threading
from typing import Any

import psutil

from fl_nodes.processor import cpu_model
from fl_nodes.session import Session


def serve(session: Session) -> None:
    """Serve until the process is asked to stop."""
    stop = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stop.set())
    session.run(stop)


def hardware(gpus: tuple[str, ...] = ()) -> dict[str, Any]:
    """What this machine is, as it introduces itself."""
    return {
        "cpu": cpu_model(),
        "cpus": os.cpu_count() or 1,
        "memory_bytes": psutil.virtual_memory().total,
        "gpus": list(gpus),
        "system": platform.system(),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }


def hardware_class(described: dict[str, Any]) -> str:
    """What of a machine decides how much energy work takes on it: its GPUs, or without them its processor."""
    return ", ".join(sorted(described["gpus"])) or str(described["cpu"])
