"""The energy a node said it used, kept so that it can tell later whether the ledger says the same."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from fl_nodes.protocol.hashing import canonical_json, sha256_hex
from fl_nodes.protocol.ledger_epoch import bare
from fl_nodes.protocol.tasks import Commitment
from fl_nodes.protocol.wire import from_wire

KEPT_JOBS = 256
"""Of older ones a ledger will hardly speak any more."""


class OwnClaims:
    """Signed commitments under one folder, by job."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, commitment: Commitment) -> None:
        """Keep one."""
        folder = self._job(commitment.job_id)
        folder.mkdir(parents=True, exist_ok=True)
        data = canonical_json(commitment)
        (folder / f"{sha256_hex(data)}.json").write_bytes(data)
        self._forget_old()

    def of(self, job_id: str) -> list[Commitment]:
        """All to a job, in no order."""
        files = sorted(self._job(job_id).glob("*.json"))
        return [from_wire(Commitment, json.loads(file.read_bytes())) for file in files]

    def began(self, job_id: str) -> float | None:
        """When the first work on a job began at the latest, in Unix seconds; None where there was none."""
        kept = [(f.stat().st_mtime, f) for f in self._job(job_id).glob("*.json")]
        said = [(at, from_wire(Commitment, json.loads(f.read_bytes()))) for at, f in kept]
        return min((at - _seconds(c) for at, c in said), default=None)

    def _forget_old(self) -> None:
        jobs = sorted(self._root.iterdir(), key=lambda folder: folder.stat().st_mtime)
        for folder in jobs[:-KEPT_JOBS]:
            for file in folder.glob("*.json"):
                file.unlink(missing_ok=True)
            folder.rmdir()

    def _job(self, job_id: str) -> Path:
        return self._root / sha256_hex(bare(job_id).encode())[:16]


def _seconds(commitment: Commitment) -> float:
    setup = commitment.setup_energy
    return commitment.energy.seconds + (setup.seconds if setup else 0.0)


def told_otherwise(included: Sequence[Commitment], own: Sequence[Commitment]) -> str:
    """Which of a node's own readings is not as it reported it, in a few words; empty when all are.

    One may be missing because it came late or its round was done again: it was not taken. A node that was asked twice may have
    reported twice: either will do.
    """
    for told in included:
        mine = [(c.energy, c.setup_energy) for c in own if c.round == told.round]
        if mine and (told.energy, told.setup_energy) not in mine:
            return f"my reading of round {told.round} is told otherwise than I reported it"
    return ""
