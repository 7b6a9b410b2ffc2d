"""`ecodml doctor`: what is missing, down or in the way, each problem with why it is one and its next step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from backend.cli.installed import Check


def document(checks: Sequence[Check]) -> dict[str, Any]:
    """The findings as one document."""
    return {"ok": all(check.ok for check in checks), "checks": [asdict(check) for check in checks]}


def lines(checks: Sequence[Check]) -> list[str]:
    """The findings for a person, problems with their next step."""
    told = []
    for check in checks:
        told.append(f"{'ok     ' if check.ok else 'PROBLEM'}  {check.name:24} {check.detail}")
        if not check.ok and check.why:
            told.append(f"         {'':24} {check.why}")
        if not check.ok:
            told.append(f"         {'':24} -> {check.next_step}")
    problems = sum(not check.ok for check in checks)
    told.append(
        "Everything is in place." if not problems else f"{problems} problem{'s' if problems > 1 else ''}."
    )
    return told
