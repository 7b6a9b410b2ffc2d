"""`ecodml node ...` and `ecodml verify ...`: what lives in the node's own environment, because it trains."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from backend.errors import Recoverable

MODULES = {"node": "fl_nodes.cli", "verify": "fl_nodes.cli.verify"}
"""Command -> the module that it is."""


def run_in_node(root: Path, command: str, arguments: Sequence[str]) -> NoReturn:
    """Become a command of `MODULES` in the checkout at `root`;
    Recoverable `node.environment` where its environment is not installed."""
    python = root / ".venvs" / "node" / "bin" / "python"
    if not python.exists():
        raise Recoverable(
            "node.environment", f"The node's environment {python.parents[1]} is missing: run `make install`."
        )
    os.putenv("PYTHONPATH", str(root))
    os.execv(python, [str(python), "-m", MODULES[command], *arguments])  # noqa: S606 -- it is our own
