"""What an audit finds, and what it was told may stand."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
EXPLAINED = Path(__file__).parent / "explained.toml"


@dataclass(frozen=True)
class Finding:
    """`package` is `pypi:NAME` or `npm:NAME`, or the file that is wrong; `says` one sentence, `mend` what to do about it."""

    code: str
    package: str
    says: str
    mend: str


@dataclass(frozen=True)
class Accepted:
    """An advisory that may stand for a reason, until a date."""

    id: str
    package: str
    reason: str
    until: date


@dataclass(frozen=True)
class Explained:
    """What may stand."""

    advisories: tuple[Accepted, ...]
    licences: dict[str, str]
    """By package."""


def explained(file: Path = EXPLAINED) -> Explained:
    """As the file has it; ValueError for an entry that lacks something."""
    told = tomllib.loads(file.read_text())
    try:
        advisories = tuple(_accepted(entry) for entry in told.get("advisory", []))
        licences = {entry["package"]: entry["licence"] for entry in told.get("licence", []) if entry["seen"]}
    except KeyError as missing:
        raise ValueError(f"{file.name}: an entry lacks {missing}") from missing
    return Explained(advisories, licences)


def _accepted(entry: dict[str, Any]) -> Accepted:
    if not str(entry["reason"]).strip() or not isinstance(entry["until"], date):
        raise ValueError(f"{entry['id']} needs a reason and a date until which it was thought through")
    return Accepted(entry["id"], entry["package"], entry["reason"], entry["until"])
