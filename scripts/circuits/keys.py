"""Compiled circuits and their keys: made once for each version of the circuits, kept where every checkout finds them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from fl_nodes.protocol.green import SIZES

ROOT = Path(__file__).resolve().parents[2]
_BUILD = ROOT / "scripts" / "circuits" / "build.mjs"
_SOURCES = (
    *sorted((ROOT / "contracts" / "circuits").glob("*.circom")),
    _BUILD,
    _BUILD.with_name("local_key.mjs"),
)
_PACKAGES = ("circom2", "circomlib", "snarkjs")
_BUILD_SECONDS = 900

VerifyingKey = tuple[list[int], list[int], list[int], list[list[int]]]
"""alpha, beta, delta, inputs."""


class BuildFailed(Exception):
    """A circuit could not be compiled or its keys not be made; the message is the tool's."""


def cached() -> Path:
    """Where the keys of these circuits are kept, whether made yet or not: one folder for each size in it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "ecodml" / "circuits" / _version()


def ensure(folder: Path, say: Callable[[str], None], powers: Path | None = None) -> Path:
    """Make what is missing in `folder` (see `build.mjs`), one process at a time; BuildFailed with the tool's words."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for size in SIZES:
            if not (folder / str(size) / "about.json").exists():
                say(f"certificate circuit for {size} readings: compiling, making its keys")
                _build(size, folder / str(size), powers)
    return folder


def copied(source: Path, target: Path) -> Path:
    """The keys of `source` in `target`, unless some are there: a chain keeps the keys it was deployed with."""
    for size in SIZES:
        kept = target / str(size)
        if not (kept / "about.json").exists():
            shutil.rmtree(kept, ignore_errors=True)
            shutil.copytree(source / str(size), kept)
    return target


def about(folder: Path, size: int) -> dict[str, Any]:
    """What `build.mjs` said of one size: constraints, ceremony, seconds, SHA-256 of each file."""
    said: dict[str, Any] = json.loads((folder / str(size) / "about.json").read_text())
    return said


def verifying_key(folder: Path, size: int) -> VerifyingKey:
    """The key of one size as `VerifyingKey` of the contracts: of coordinates in G2 the imaginary part first."""
    said = json.loads((folder / str(size) / "verifying.json").read_text())
    return (
        _g1(said["vk_alpha_1"]),
        _g2(said["vk_beta_2"]),
        _g2(said["vk_delta_2"]),
        [_g1(point) for point in said["IC"]],
    )


def _g1(point: Sequence[str]) -> list[int]:
    return [int(value) for value in point[:2]]


def _g2(point: Sequence[Sequence[str]]) -> list[int]:
    return [int(point[axis][part]) for axis in (0, 1) for part in (1, 0)]


def _build(size: int, into: Path, powers: Path | None) -> None:
    command = ["node", str(_BUILD), "--size", str(size), "--into", str(into)]
    ended = subprocess.run(
        [*command, *(["--ptau", str(powers)] if powers else [])],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_BUILD_SECONDS,
        check=False,
    )
    if ended.returncode:
        raise BuildFailed(f"{ended.stdout}{ended.stderr}".strip())


def _version() -> str:
    """Changes with the circuits and with the tools that compile them."""
    packages = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    digest = hashlib.sha256(json.dumps([packages[name] for name in _PACKAGES]).encode())
    for source in _SOURCES:
        digest.update(source.read_bytes())
    return digest.hexdigest()[:16]
