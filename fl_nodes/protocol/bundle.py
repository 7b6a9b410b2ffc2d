"""An evidence bundle: everything that anyone needs to replay one accusation, in one file whose name is its content.

A bundle is a tar file: `manifest.json` first, then the parts by name, all with the same owner, mode and time, so that equal
parts make equal bytes. The bundle's id is the SHA-256 of its manifest, which names every part's SHA-256 and size.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fl_nodes.protocol.hashing import canonical_json, sha256_hex
from fl_nodes.protocol.tasks import Commitment, TrainingSpec

FORMAT = "ecodml-evidence/1"
MANIFEST = "manifest.json"
CLAIM = "claim.json"
VERDICT = "verdict.json"
MODEL = "model.safetensors"
SHARD = "shard.safetensors"
UPDATE = "update.safetensors"
START = "start.safetensors"
END = "end.safetensors"
REQUIRED = frozenset({CLAIM, VERDICT, MODEL, SHARD, UPDATE})
PARTS = REQUIRED | {START, END}
"""`start` is left out for a trainer's first segment (the global model), `end` for its last (global model + update)."""

MAX_MANIFEST_BYTES = 1 << 16


@dataclass(frozen=True)
class Part:
    """A file of a bundle: SHA-256 (hex) and size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What a bundle is about, and what it consists of."""

    format: str
    chain_id: int
    escrow: str
    job_id: str
    culprit: str
    evidence_hash: str
    parts: dict[str, Part]

    @property
    def id(self) -> str:
        """The bundle's id: SHA-256 (hex) of the manifest's file."""
        return sha256_hex(self.file)

    @property
    def file(self) -> bytes:
        """The manifest as it stands in the bundle."""
        return canonical_json(self)


@dataclass(frozen=True)
class Claim:
    """The accusation beyond what the verdict's reports and commitments say (`verdict.json`, a `VerdictTask`).

    `segment` of `culprit`'s work in `round` is said not to follow. `segments` are all that the challenge picked of it,
    `unrevealed` the round's commitments that count in the challenge and are not in the verdict. `signatures` are the
    validators' over the FailVerdict, as it went to the chain.
    """

    culprit: str
    round: int
    segment: int
    segments: tuple[int, ...]
    nonce: str
    unrevealed: tuple[Commitment, ...]
    architecture: dict[str, Any]
    training: TrainingSpec
    start_path: tuple[str, ...]
    end_path: tuple[str, ...]
    signatures: tuple[str, ...]


def tar_blocks(files: Iterable[tuple[str, int, Iterable[bytes]]]) -> Iterator[bytes]:
    """The bytes of a tar file of these (name, size, content), in this order; ValueError where a content has another size."""
    written = 0
    for name, size, content in files:
        head = tarfile.TarInfo(name)
        head.size, head.mode = size, 0o644
        header = head.tobuf(tarfile.USTAR_FORMAT)
        yield header
        came = 0
        for block in content:
            came += len(block)
            yield block
        if came != size:
            raise ValueError(f"{name} has {came} bytes, not the {size} announced")
        padding = bytes(-size % tarfile.BLOCKSIZE)
        yield padding
        written += len(header) + size + len(padding)
    yield bytes(2 * tarfile.BLOCKSIZE)
    yield bytes(-(written + 2 * tarfile.BLOCKSIZE) % tarfile.RECORDSIZE)
