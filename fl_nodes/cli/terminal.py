"""What a command prints: one JSON document with `--json`, else lines for a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

ETHER = 10**18


def finish(as_json: bool, document: dict[str, Any], lines: Iterable[str]) -> None:
    """The command's result."""
    text = json.dumps(document, indent=2, sort_keys=True) if as_json else "\n".join(lines)
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def complain(as_json: bool, code: str, message: str) -> None:
    """Why the command could not do what it was asked."""
    if as_json:
        finish(True, {"error": {"code": code, "message": message}}, ())
    else:
        sys.stderr.write(f"{message} [{code}]\n")


def coins(wei: int, unit: str) -> str:
    """An exact amount, such as `0.13 DML`."""
    return f"{Decimal(wei) / ETHER:f} {unit}"
