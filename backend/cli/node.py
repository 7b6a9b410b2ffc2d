"""`ecodml node ...`: the provider's commands, which live in the node's own environment."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from backend.errors import Recoverable


def run_node(root: Path, arguments: Sequence[str]) -> NoReturn:
    """Become `fl_nodes.cli` in the checkout at `root`;
    Recoverable `node.environment` where it is not installed."""
    python = root / ".venvs" / "node" / "bin" / "python"
    if not python.exists():
        raise Recoverable(
            "node.environment", f"The node's environment {python.parents[1]} is missing: run `make install`."
        )
    os.putenv("PYTHONPATH", str(root))
    os.execv(python, [str(python), "-m", "fl_nodes.cli", *arguments])  # noqa: S606 -- it is our own
