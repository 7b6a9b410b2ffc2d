"""Proofs that the real prover made (`scripts/circuits/example.py`), and handing them in."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from brownie import GreenVerifier, accounts

PROOFS = Path(__file__).parent / "forge" / "carbon"


class Proven(NamedTuple):
    size: int
    job: bytes
    commitment: bytes
    bound: int
    factors: int
    points: tuple[int, ...]


def given(size: int) -> Proven:
    said = _read(size)
    job, commitment = bytes.fromhex(said["job"][2:]), bytes.fromhex(said["commitment"][2:])
    points = tuple(int(word, 16) for word in said["proof"])
    return Proven(size, job, commitment, int(said["bound"], 16), int(said["factors"], 16), points)


def verifier(size: int, by: Any) -> Any:
    """A verifier with the key that the proof of this size belongs to."""
    words = [int(word, 16) for word in _read(size)["key"]]
    inputs = [words[at : at + 2] for at in range(10, 18, 2)]
    return GreenVerifier.deploy(size, (words[:2], words[2:6], words[6:10], inputs), by)


def certify(green: Any, summary: Any, path: list[bytes], proven: Proven) -> Any:
    """Anybody hands it in."""
    by = {"from": accounts[9]}
    return green.certify(summary, 0, path, proven.bound, proven.factors, proven.size, proven.points, by)


def _read(size: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PROOFS / f"green_{size}.json").read_text())
    return found
