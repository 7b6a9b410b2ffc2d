"""The record of what is deployed where: one JSON file, one entry per chain part (`market`, `carbon`).

An entry appears once its part is whole. Until then its contracts stand in a file beside it, by which a deployment
that was stopped is continued.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOCAL_CHAIN_IDS = frozenset({31337, 31338, 1337})


class DeploymentsUnreadable(Exception):
    """A file of deployments is not what this module wrote."""


def deployments_path(network_id: str) -> Path:
    """DEPLOYMENTS_FILE, else the local stack's file; other networks keep a file of their own."""
    if chosen := os.environ.get("DEPLOYMENTS_FILE"):
        return Path(chosen)
    if network_id in ("market", "carbon"):
        return Path("run/stack/deployments.json")
    return Path("run") / network_id / "deployments.json"


def unfinished_path(path: Path, part: str) -> Path:
    """Where the progress of a part's deployment stands until the part is whole."""
    return path.with_name(f"{path.stem}.{part}.unfinished{path.suffix}")


def read_deployments(path: Path) -> dict[str, Any]:
    """The whole record; empty when there is none yet. DeploymentsUnreadable when it is no JSON object."""
    if not path.exists():
        return {}
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        record = None
    if not isinstance(record, dict):
        raise DeploymentsUnreadable(f"{path} does not hold a record of deployments.")
    return record


def write_deployments(path: Path, record: Mapping[str, Any]) -> None:
    """Readers see the old file or the new one, never half of one, whenever the power fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.tmp")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(json.dumps(record, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def merge_deployment(path: Path, part: str, entry: Mapping[str, Any]) -> None:
    """Replaces one part of the record."""
    write_deployments(path, {**read_deployments(path), part: entry})
