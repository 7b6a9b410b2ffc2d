"""Answers of the API as a real stack gave them: one settled job, one refunded for a cheat, one at work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "recordings"


def recorded(name: str) -> dict[str, Any]:
    """`settled`, `refunded` or `running` (`{ticket, events, decision}`), or `network` (`{config, nodes}`)."""
    document: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return document
