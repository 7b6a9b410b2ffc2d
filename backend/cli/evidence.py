"""`ecodml evidence JOB DIR`: the bundles of a job's accusations, for those who may read them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backend.cli.client import Api
from backend.cli.fetch import download
from backend.cli.terminal import Terminal


def fetch(api: Api, job_id: str, folder: Path, terminal: Terminal) -> list[dict[str, Any]]:
    """Download every bundle that the API shows to who is signed in; each with its path and the command that verifies it."""
    folder.mkdir(parents=True, exist_ok=True)
    fetched = []
    for found in api.get(f"/api/jobs/{job_id}/evidence")["bundles"]:
        path = folder / f"evidence-{found['culprit']}.tar"
        download(api, found["url"], path, found["sha256"], terminal)
        told = {name: found[name] for name in ("culprit", "bundle", "sha256", "size", "accusation")}
        fetched.append(told | {"path": str(path), "verify": f"ecodml verify {path} --id {found['bundle']}"})
    return fetched


def lines(fetched: list[dict[str, Any]]) -> list[str]:
    """Two lines for each bundle."""
    told = []
    for found in fetched:
        told.append(f"{found['path']}  {found['size']:,} bytes; {found['culprit']} is {found['accusation']}")
        told.append(f"  {found['verify']}")
    return told or ["Nobody was accused in this job."]
