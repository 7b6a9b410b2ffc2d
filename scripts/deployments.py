"""The record of what is deployed where: one JSON file, one entry per chain part (`market`, `carbon`)."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOCAL_CHAIN_IDS = frozenset({31337, 31338, 1337})


def deployments_path(network_id: str) -> Path:
    """DEPLOYMENTS_FILE, else the local stack's file; other networks keep a file of their own."""
    if chosen := os.environ.get("DEPLOYMENTS_FILE"):
        return Path(chosen)
    if network_id in ("market", "carbon"):
        return Path("run/stack/deployments.json")
    return Path("run") / network_id / "deployments.json"


def read_deployments(path: Path) -> dict[str, Any]:
    """The whole record; empty when there is none yet."""
    if not path.exists():
        return {}
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return record


def merge_deployment(path: Path, part: str, entry: Mapping[str, Any]) -> None:
    """Replaces one part of the record. Readers see the old file or the new one, never half of one."""
    record = {**read_deployments(path), part: entry}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    unfinished.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)
