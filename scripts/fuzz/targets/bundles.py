"""Evidence bundles, which anyone may hand to anyone: taken apart or refused, with nothing written but its parts."""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
from pathlib import Path

from fl_nodes.errors import Refused
from fl_nodes.protocol import bundle
from fl_nodes.protocol.bundle import Claim, Manifest
from fl_nodes.protocol.verdict_tasks import VerdictTask
from fl_nodes.protocol.wire import from_wire
from fl_nodes.work.bundle_file import unpack
from scripts.fuzz.target import Judge, Target, promised, seed, sentence
from scripts.fuzz.targets.messages import example

MOST_BYTES = 1 << 20


def _bundles() -> Judge:
    place = Path(tempfile.mkdtemp(prefix="ecodml-fuzz-bundles-"))
    file, folder = place / "bundle.tar", place / "parts"

    def judge(data: bytes) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        file.write_bytes(data)
        try:
            unpack(file, folder)
        except Refused as refusal:
            promised(refusal.code.startswith("bundle."), refusal.code)
            sentence(refusal.message)
        promised(
            {path.name for path in place.iterdir()} == {"bundle.tar", "parts"}, "it wrote beside its folder"
        )
        written = list(folder.iterdir())
        promised({path.name for path in written} <= bundle.PARTS, "it wrote what is no part")
        promised(sum(path.stat().st_size for path in written) <= MOST_BYTES, "it wrote more than it holds")

    return judge


def _seeds() -> list[bytes]:
    manifest = from_wire(Manifest, {**example(Manifest), "format": bundle.FORMAT}).file
    contents = {bundle.CLAIM: seed(example(Claim)), bundle.VERDICT: seed(example(VerdictTask))}
    contents |= dict.fromkeys((bundle.MODEL, bundle.SHARD, bundle.UPDATE), b"x")
    made = []
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=form) as tar:
            for name, content in {bundle.MANIFEST: manifest, **contents}.items():
                head = tarfile.TarInfo(name)
                head.size = len(content)
                tar.addfile(head, io.BytesIO(content))
        made.append(packed.getvalue())
    return [*made, _hollow(made[1], len(manifest))]


def _hollow(sound: bytes, first: int) -> bytes:
    """With a second member that says to be a gigabyte of holes, as GNU's tar keeps sparse files."""
    at = tarfile.BLOCKSIZE * (1 + -(-first // tarfile.BLOCKSIZE))
    head = bytearray(sound[at : at + tarfile.BLOCKSIZE])
    head[124:136], head[156:157] = b"00000000000\0", tarfile.GNUTYPE_SPARSE
    head[386:512] = bytes(126)
    head[483:495] = b"10000000000\0"
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return sound[:at] + bytes(head) + bytes(2 * tarfile.BLOCKSIZE)


WORDS = (
    b"ustar\x0000",
    b"ustar  \0",
    b"\x80\xff",
    b"\xff" * 12,
    b"GNU.sparse.map=",
    b"../",
    b"manifest.json",
    b"-0000000001",
)
TARGETS = (Target("bundles", _bundles, _seeds, WORDS, 32_768),)
