"""CSV files: described or refused, whatever they hold."""

from __future__ import annotations

import io

from backend.datasets import DatasetInvalid, Limits, inspect
from scripts.fuzz.target import Judge, Target, promised, sentence

SMALL = Limits(max_bytes=200_000, max_uncompressed_bytes=1_000_000, max_values=100_000, max_pixels=10_000)
TARGETS_OF_CSV = (None, "y", "1", "-1", "a", "")


def described(data: bytes, target: str | None = None, name: str = "upload") -> None:
    """Put the two questions to a file."""
    try:
        found = inspect(io.BytesIO(data), name, target=target, limits=SMALL)
    except DatasetInvalid as refusal:
        promised(refusal.code.startswith("dataset."), refusal.code)
        sentence(refusal.message)
        return
    promised(found.rows == sum(found.class_counts) > 0, "rows are not those of the classes")
    promised(len(found.classes) == len(set(found.classes)) >= 2, "fewer than two classes")


def _csv() -> Judge:
    def judge(data: bytes) -> None:
        described(data[1:], TARGETS_OF_CSV[data[0] % len(TARGETS_OF_CSV)] if data else None)

    return judge


def _seeds() -> list[bytes]:
    mixed = 'a,b,c,y\n1,red,"x, y",u\n2.5,blue,,v\n-3e2,,z,u\n4,red,?,v\n'
    plain = "1;2,5;x\n3;4,5;y\n" * 3
    return [
        b"\0" + mixed.encode(),
        b"\1" + mixed.encode("utf-16"),
        b"\2" + plain.encode(),
        b"\3a\ty\n1\tu\n2\tv\n",
    ]


TARGETS = (
    Target(
        "csv",
        _csv,
        _seeds,
        (
            b"\n",
            b"\r\n",
            b",",
            b";",
            b"\t",
            b"|",
            b'"',
            b'""',
            b"NaN",
            b"1e999",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
            b"\0",
        ),
    ),
)
