"""The reports a validator has signed, kept so that it can tell later whether a verdict leaves one out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from fl_nodes.protocol import verdict
from fl_nodes.protocol.hashing import canonical_json, sha256_hex
from fl_nodes.protocol.tasks import ValidationReport
from fl_nodes.protocol.wire import from_wire


class OwnReports:
    """Signed reports under one folder, by job."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, report: ValidationReport) -> None:
        """Keep a report."""
        folder = self._job(report.job_id)
        folder.mkdir(parents=True, exist_ok=True)
        data = canonical_json(report)
        (folder / f"{sha256_hex(data)}.json").write_bytes(data)

    def of(self, job_id: str) -> list[ValidationReport]:
        """All reports made about a job, in no order."""
        files = sorted(self._job(job_id).glob("*.json"))
        return [from_wire(ValidationReport, json.loads(file.read_bytes())) for file in files]

    def remember_work(self, job_id: str, asked: str) -> None:
        """Keep a hash of what a job's trainers were asked to do."""
        self._job(job_id).mkdir(parents=True, exist_ok=True)
        (self._job(job_id) / "work.sha256").write_text(asked)

    def work_asked(self, job_id: str) -> str | None:
        """The hash kept of what a job's trainers were asked to do."""
        kept = self._job(job_id) / "work.sha256"
        return kept.read_text() if kept.is_file() else None

    def release(self, job_id: str) -> None:
        """Forget a job."""
        shutil.rmtree(self._job(job_id), ignore_errors=True)

    def _job(self, job_id: str) -> Path:
        return self._root / sha256_hex(job_id.encode())[:16]


def omission(included: Sequence[ValidationReport], own: Sequence[ValidationReport]) -> str:
    """Why leaving out some of a validator's own reports matters; empty when it does not.

    A report may be missing because it came late or its round was done again. It matters where it would change who is a
    culprit, or leave a doubt open that the verdict passes over.
    """
    signatures = {r.signature for r in included}
    missing = [r for r in own if r.signature not in signatures]
    if not missing:
        return ""
    complete = [*included, *missing]
    if verdict.culprits(complete) != verdict.culprits(included):
        return f"a report of mine on round {missing[0].round}, which was left out, changes who is a culprit"
    return ""
