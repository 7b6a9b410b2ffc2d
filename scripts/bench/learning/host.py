"""A host process in another environment, asked over a pipe."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from scripts.demo.customer import ROOT

NODES = "nodes"
AGGREGATOR = "aggregator"
SEGMENTS = "segments"
KINDS = {
    NODES: ("node", "scripts.bench.learning.node_host"),
    AGGREGATOR: ("aggregator", "scripts.bench.learning.aggregator_host"),
    SEGMENTS: ("node", "scripts.bench.learning.segment_host"),
}
"""Each kind's environment and module."""

QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYTHONWARNINGS": "ignore", "CUDA_VISIBLE_DEVICES": ""}
LOG_TAIL = 2000


class HostFailed(RuntimeError):
    """The host ended, with the end of its log."""


class TaskRefused(RuntimeError):
    """A worker's refusal, as it would answer the backend: `code` and one sentence."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Host:
    """A running host; `variables` are added to its environment."""

    def __init__(
        self, kind: str, log: Path, arguments: Sequence[str], variables: dict[str, str] | None = None
    ) -> None:
        self._log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        environment, module = KINDS[kind]
        python = ROOT / ".venvs" / environment / "bin" / "python"
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [str(python), "-m", module, *arguments],
                cwd=ROOT,
                env=os.environ | QUIET | {"PYTHONPATH": str(ROOT)} | (variables or {}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )

    def ask(self, op: str, **request: Any) -> Any:
        """The answer's result; TaskRefused where the worker refuses, HostFailed where the host has ended."""
        to, answers = self._process.stdin, self._process.stdout
        if to is None or answers is None:
            raise HostFailed("it has no pipes")
        try:
            to.write(json.dumps({"op": op} | request) + "\n")
            to.flush()
            line = answers.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise HostFailed(self._log.read_text(errors="replace")[-LOG_TAIL:])
        answer = json.loads(line)
        if "code" in answer:
            raise TaskRefused(answer["code"], answer["message"])
        return answer["result"]

    def close(self) -> None:
        """End it."""
        # Entering and leaving closes the pipes and waits: the host ends with its input.
        with self._process:
            pass
