"""A trainer's checkpoint files, kept on disk from its commitment until they can no longer be asked for."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from fl_nodes.protocol.hashing import merkle_proof, merkle_root, sha256_hex

KEPT_ROUNDS = 2


@dataclass(frozen=True)
class RoundFiles:
    """One round's files: checkpoints 0..n and the update, with their hashes in order."""

    folder: Path
    leaves: tuple[str, ...]

    @property
    def root(self) -> str:
        """Merkle root over the checkpoints' hashes."""
        return merkle_root(self.leaves)

    def checkpoint(self, index: int) -> tuple[bytes, tuple[str, ...]]:
        """A checkpoint's file and its path to the root."""
        return (self.folder / f"{index}.safetensors").read_bytes(), merkle_proof(self.leaves, index)

    def update(self) -> bytes:
        """The update's file."""
        return (self.folder / "update.safetensors").read_bytes()


class RoundWriter:
    """Collects the files of a round under way."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._folder = folder
        self._leaves: list[str] = []

    def checkpoint(self, data: bytes) -> None:
        """Add the next checkpoint."""
        (self._folder / f"{len(self._leaves)}.safetensors").write_bytes(data)
        self._leaves.append(sha256_hex(data))

    def finish(self, update: bytes) -> RoundFiles:
        """Add the update and close; only a round with its index can be read again."""
        (self._folder / "update.safetensors").write_bytes(update)
        (self._folder / "leaves.json").write_text(json.dumps(self._leaves))
        return RoundFiles(self._folder, tuple(self._leaves))


class CheckpointFolder:
    """All jobs' rounds under one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def begin(self, job_id: str, number: int) -> RoundWriter:
        """Start a round; rounds of this job that are over are dropped."""
        for kept in self._job(job_id).glob("*"):
            if int(kept.name) <= number - KEPT_ROUNDS:
                shutil.rmtree(kept, ignore_errors=True)
        return RoundWriter(self._job(job_id) / str(number))

    def find(self, job_id: str, number: int) -> RoundFiles | None:
        """A finished round, None if it is not here."""
        folder = self._job(job_id) / str(number)
        index = folder / "leaves.json"
        return RoundFiles(folder, tuple(json.loads(index.read_text()))) if index.is_file() else None

    def release(self, job_id: str) -> None:
        """Drop all of a job's files."""
        shutil.rmtree(self._job(job_id), ignore_errors=True)

    def _job(self, job_id: str) -> Path:
        return self._root / sha256_hex(job_id.encode())[:16]
