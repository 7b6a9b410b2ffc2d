"""Taking an evidence bundle apart: its parts into a folder, their hashes beside what the manifest says of them."""

from __future__ import annotations

import hashlib
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from fl_nodes.errors import Refused
from fl_nodes.objects import MAX_BYTES, ObjectStore
from fl_nodes.protocol import bundle
from fl_nodes.protocol.bundle import Claim, Manifest, Part
from fl_nodes.protocol.tasks import Commitment, ObjectRef
from fl_nodes.protocol.verdict_tasks import VerdictTask
from fl_nodes.protocol.wire import WireError, from_wire

T = TypeVar("T")

BLOCK_BYTES = 1 << 20
SCHEME = "bundle:"


@dataclass(frozen=True)
class Bundle:
    """A bundle that could be read: what it says, its parts as `found` in it, and the folder they are in."""

    manifest: Manifest
    claim: Claim
    verdict: VerdictTask
    found: dict[str, Part]
    folder: Path

    @property
    def commitment(self) -> Commitment | None:
        """The commitment that the accusation is about."""
        where = (self.claim.round, self.claim.culprit)
        return next((c for c in self.verdict.commitments if (c.round, c.trainer) == where), None)

    @property
    def committed(self) -> tuple[Commitment, ...]:
        """All commitments of the round, which the challenge's seed hashes."""
        return (
            *(c for c in self.verdict.commitments if c.round == self.claim.round),
            *self.claim.unrevealed,
        )

    def ref(self, name: str) -> ObjectRef | None:
        """A part, as tasks name objects; None where the bundle has none of that name."""
        part = self.found.get(name)
        return ObjectRef(SCHEME + name, part.sha256, part.size) if part else None


class BundleObjects(ObjectStore):
    """A bundle's parts in the place of the objects that a validator fetches."""

    def __init__(self, read: Bundle) -> None:
        super().__init__(read.folder)
        self._bundle = read

    def fetch(self, ref: ObjectRef, limit: int = MAX_BYTES, keep: bool = False) -> bytes:  # noqa: ARG002
        """A part's bytes."""
        if ref.size > limit:
            raise Refused(
                "object.too_large", f"A part of {ref.size:,} bytes; at most {limit:,} can be of use."
            )
        return (self._bundle.folder / ref.url.removeprefix(SCHEME)).read_bytes()


def unpack(path: Path, folder: Path) -> Bundle:
    """Read a bundle into `folder`; Refused `bundle.*` for what is none, whatever its hashes."""
    try:
        with tarfile.open(path, "r:") as tar:
            manifest, found = _unpacked(tar, folder)
    except (OSError, tarfile.TarError, EOFError, ValueError) as error:
        raise Refused("bundle.unreadable", f"{path} is no evidence bundle: {error}.") from error
    missing = sorted(bundle.REQUIRED - set(found))
    if missing:
        raise Refused("bundle.incomplete", f"The bundle lacks its {missing[0]}.")
    return Bundle(
        manifest,
        _document(Claim, folder / bundle.CLAIM),
        _document(VerdictTask, folder / bundle.VERDICT),
        found,
        folder,
    )


def _unpacked(tar: tarfile.TarFile, folder: Path) -> tuple[Manifest, dict[str, Part]]:
    manifest: Manifest | None = None
    found: dict[str, Part] = {}
    for member in tar:
        # A sparse one may say to be of any size, and would be written out as long as it says.
        content = tar.extractfile(member) if member.isreg() and not member.issparse() else None
        if content is None:
            raise ValueError(f"{member.name[:40]!r} in it is no plain file")
        if manifest is None:
            manifest = _manifest(member, content)
        elif member.name in bundle.PARTS and member.name not in found:
            found[member.name] = _part(content, folder / member.name)
        else:
            raise ValueError(f"{member.name[:40]!r} does not belong into it")
    if manifest is None:
        raise ValueError("it is empty")
    return manifest, found


def _manifest(member: tarfile.TarInfo, content: IO[bytes]) -> Manifest:
    if member.name != bundle.MANIFEST or member.size > bundle.MAX_MANIFEST_BYTES:
        raise ValueError(f"it does not begin with its {bundle.MANIFEST}")
    data = content.read()
    try:
        manifest = from_wire(Manifest, json.loads(data))
    except (WireError, RecursionError) as error:
        raise ValueError(f"its manifest cannot be read: {error}") from error
    if manifest.format != bundle.FORMAT:
        raise ValueError(f"its format is {manifest.format[:40]!r}, not {bundle.FORMAT!r}")
    if manifest.file != data:
        raise ValueError("its manifest is not in canonical form")
    return manifest


def _part(content: IO[bytes], path: Path) -> Part:
    sha256, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        while block := content.read(BLOCK_BYTES):
            sha256.update(block)
            size += file.write(block)
    return Part(sha256.hexdigest(), size)


def _document(kind: type[T], path: Path) -> T:
    try:
        return from_wire(kind, json.loads(path.read_bytes()))
    except (ValueError, RecursionError) as error:
        raise Refused("bundle.unreadable", f"The bundle's {path.name} cannot be read: {error}.") from error
