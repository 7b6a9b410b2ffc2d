"""`ecodml energy FILE`: a job's energy statement, worked out again from what was reported."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from backend.domain.eco_text import carbon_lines
from backend.energy.statement import FORMAT, problems
from backend.errors import Invalid


def check(path: Path) -> dict[str, Any]:
    """`follows`, the `problems` as sentences, and the statement's `results`; Invalid `energy.not_a_statement`."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Invalid(
            "energy.not_a_statement", f"{path} cannot be read: {error.strerror}; get it with `ecodml fetch`."
        ) from error
    except ValueError as error:
        raise Invalid("energy.not_a_statement", f"{path} is not JSON.") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise Invalid("energy.not_a_statement", f"{path} is no energy statement ({FORMAT}).")
    found = problems(document)
    return {"follows": not found, "problems": found, "results": document.get("results")}


def lines(found: dict[str, Any]) -> list[str]:
    """What it comes to, or what does not follow."""
    if found["problems"]:
        return ["The statement does not follow from its readings:", *(f"  {p}" for p in found["problems"])]
    return [*carbon_lines(found["results"]), "All of this follows from the readings in the statement."]
