"""A trainer's checkpoint files, kept on disk from its commitment until they can no longer be asked for."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """Collects the files of a round under way, which starts from a model. What an earlier process left of the same work is taken
    up, checked by hash.

    Beside each checkpoint stands what its trainer noted of it (plain JSON values). A checkpoint counts once its note is there.
    """

    def __init__(self, folder: Path, model_sha256: str, work_sha256: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._work_sha256 = work_sha256
        self._leaves = [model_sha256]
        self.notes: list[dict[str, Any]] = []
        for left in ("leaves.json", "update.safetensors"):
            (folder / left).unlink(missing_ok=True)
        while self._take_up(len(self._leaves)):
            pass

    @property
    def last(self) -> int:
        """The number of the last checkpoint; 0 is the model."""
        return len(self._leaves) - 1

    def read(self, index: int) -> bytes:
        """A checkpoint's file."""
        return (self._folder / f"{index}.safetensors").read_bytes()

    def go_back(self, index: int) -> None:
        """Forget the checkpoints after this one, if there are any."""
        del self._leaves[index + 1 :], self.notes[index:]

    def checkpoint(self, data: bytes, note: Mapping[str, Any]) -> None:
        """Add the next checkpoint."""
        index, sha256 = len(self._leaves), sha256_hex(data)
        said = {"sha256": sha256, "work": self._work_sha256, "note": dict(note)}
        self._note(index).unlink(missing_ok=True)
        _write(self._folder / f"{index}.safetensors", data)
        _write(self._note(index), json.dumps(said).encode())
        self._leaves.append(sha256)
        self.notes.append(dict(note))

    def finish(self, update: bytes, sha256: str, handed_in: bool) -> RoundFiles:
        """Add the update, which is kept unless it was handed in, and close; only a round with its index can be read again."""
        if not handed_in:
            _write(self._folder / "update.safetensors", update)
        self._leaves.append(sha256)
        _write(self._folder / "leaves.json", json.dumps(self._leaves).encode())
        return RoundFiles(self._folder, tuple(self._leaves))

    def _take_up(self, index: int) -> bool:
        try:
            said = json.loads(self._note(index).read_bytes())
            sha256, work, note = said["sha256"], said["work"], dict(said["note"])
            if work != self._work_sha256 or sha256_hex(self.read(index)) != sha256:
                return False
        except (OSError, ValueError, KeyError, TypeError):
            return False
        self._leaves.append(sha256)
        self.notes.append(note)
        return True

    def _note(self, index: int) -> Path:
        return self._folder / f"{index}.json"


def _write(path: Path, data: bytes) -> None:
    """All or nothing, also when the process dies over it."""
    partial = path.with_suffix(".partial")
    partial.write_bytes(data)
    partial.replace(path)


class CheckpointFolder:
    """All jobs' rounds under one folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def begin(self, job_id: str, number: int, model_sha256: str, work_sha256: str) -> RoundWriter:
        """Start a round, or go on with it if this is the same work (`protocol.binding`); rounds that are over are dropped."""
        for kept in self._job(job_id).glob("*"):
            if int(kept.name) <= number - KEPT_ROUNDS:
                shutil.rmtree(kept, ignore_errors=True)
        return RoundWriter(self._job(job_id) / str(number), model_sha256, work_sha256)

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
