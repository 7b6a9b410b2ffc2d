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
    """One round's files: checkpoints 1..n-1 and the update. `leaves` are the hashes of model, checkpoints and update, in
    order: training starts from the model and ends at model + update, so neither is kept as a checkpoint of its own.
    """

    folder: Path
    leaves: tuple[str, ...]

    @property
    def root(self) -> str:
        """Merkle root over the leaves: what `Commitment.checkpoint_root` is."""
        return merkle_root(self.leaves)

    @property
    def update_sha256(self) -> str:
        """Of the update's file (hex)."""
        return self.leaves[-1]

    def holds(self, index: int) -> bool:
        """Whether there is a checkpoint of that number."""
        return 0 < index < len(self.leaves) - 1

    def checkpoint(self, index: int) -> tuple[bytes, tuple[str, ...]]:
        """A checkpoint's file and its path to the root."""
        return (self.folder / f"{index}.safetensors").read_bytes(), merkle_proof(self.leaves, index)

    def update(self) -> bytes | None:
        """The update's file, where it was not handed in."""
        file = self.folder / "update.safetensors"
        return file.read_bytes() if file.is_file() else None


class RoundWriter:
    """Collects the files of a round under way; `model_sha256` is what it starts from."""

    def __init__(self, folder: Path, model_sha256: str) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._folder = folder
        self._leaves = [model_sha256]

    def checkpoint(self, data: bytes) -> None:
        """Add the next checkpoint."""
        (self._folder / f"{len(self._leaves)}.safetensors").write_bytes(data)
        self._leaves.append(sha256_hex(data))

    def finish(self, update: bytes, sha256: str, handed_in: bool) -> RoundFiles:
        """Add the update, which is kept unless it was handed in, and close; only a round with its index can be read again."""
        if not handed_in:
            (self._folder / "update.safetensors").write_bytes(update)
        self._leaves.append(sha256)
        (self._folder / "leaves.json").write_text(json.dumps(self._leaves))
        return RoundFiles(self._folder, tuple(self._leaves))


class CheckpointFolder:
    """All jobs' rounds under one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def begin(self, job_id: str, number: int, model_sha256: str) -> RoundWriter:
        """Start a round; rounds of this job that are over are dropped."""
        for kept in self._job(job_id).glob("*"):
            if int(kept.name) <= number - KEPT_ROUNDS:
                shutil.rmtree(kept, ignore_errors=True)
        return RoundWriter(self._job(job_id) / str(number), model_sha256)

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
