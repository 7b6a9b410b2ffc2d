"""What the processes of a stack complain of in their logs."""

from __future__ import annotations

import json
from pathlib import Path

GRAVE = ("error", "critical")


def complaints(folder: Path) -> list[str]:
    """Lines of an error of ours, and whatever Python says of an exception that nobody caught, with the log's name."""
    return [
        f"{log.name}: {line}"
        for log in sorted(folder.glob("*.log"))
        for line in log.read_text(errors="replace").splitlines()
        if "Traceback" in line or _level(line) in GRAVE
    ]


def _level(line: str) -> str:
    try:
        said = json.loads(line)
    except ValueError:
        return ""
    return str(said.get("level", "")) if isinstance(said, dict) else ""
