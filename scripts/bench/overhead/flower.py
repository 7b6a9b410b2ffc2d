"""Flower's rounds: its server and persistent clients as processes of its own environment."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Sequence
from contextlib import ExitStack

from scripts.demo.story import Broken
from scripts.stack.config import ROOT

FOLDER = ROOT / "tests" / "bench" / "flower"
PYTHON = ROOT / ".venvs" / "flower" / "bin" / "python"
LEFT_OUT = 2
MOST_SECONDS = 600
ENVIRONMENT = {"FLWR_TELEMETRY_ENABLED": "0", "OMP_NUM_THREADS": "1"}


def version() -> str:
    """Of Flower, as installed."""
    command = (str(PYTHON), "-c", "import importlib.metadata as m; print(m.version('flwr'))")
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def round_seconds(shapes: Sequence[tuple[int, ...]], nodes: int, rounds: int) -> list[float]:
    """Seconds of each round but the first ones; raises Broken."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    wanted = ("--nodes", str(nodes), "--rounds", str(rounds + LEFT_OUT), "--shapes", json.dumps(shapes))
    with ExitStack() as started:
        server = _start("server.py", "--address", address, *wanted, stdout=subprocess.PIPE)
        started.callback(_end, server)
        for _ in range(nodes):
            started.callback(_end, _start("client.py", "--address", address, stdout=subprocess.DEVNULL))
        try:
            printed, said = server.communicate(timeout=MOST_SECONDS)
        except subprocess.TimeoutExpired as late:
            raise Broken(f"Flower's {rounds} rounds were not over after {MOST_SECONDS} s") from late
    if server.returncode != 0:
        raise Broken(f"Flower's server ended with {server.returncode}: {said[-500:]}")
    seconds: list[float] = json.loads(printed)["seconds"]
    return seconds[LEFT_OUT:]


def _start(script: str, *arguments: str, stdout: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        (str(PYTHON), str(FOLDER / script), *arguments),
        env=os.environ | ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE if stdout == subprocess.PIPE else subprocess.DEVNULL,
        text=True,
    )


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.kill()
    process.wait()
