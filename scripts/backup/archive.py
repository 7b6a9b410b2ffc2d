"""A backup on disk: files under a manifest that knows the hash of each, as a folder or one tar file, for its owner alone."""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from backend.errors import Conflict, Invalid

MANIFEST = "manifest.json"
FORMAT = 1
TAR = ".tar"
_BLOCK = 1 << 20


@contextmanager
def writing(target: Path) -> Iterator[Path]:
    """A folder to fill; it becomes the backup when the block ends well, and is gone otherwise. Conflict `backup.target`."""
    if target.exists():
        raise Conflict("backup.target", f"{target} exists already: choose another name.")
    target.parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.unfinished-", dir=target.parent))
    try:
        yield folder
        if target.suffix == TAR:
            packed = folder.with_suffix(".packed")
            try:
                with tarfile.open(packed, "x") as tar:
                    tar.add(folder, arcname=".")
                packed.chmod(0o600)
                packed.rename(target)
            finally:
                packed.unlink(missing_ok=True)
        else:
            folder.rename(target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def seal(folder: Path, facts: dict[str, Any]) -> str:
    """Write the manifest over all files; its own hash."""
    for path in folder.rglob("*"):
        path.chmod(0o700 if path.is_dir() else 0o600)
    files = {
        str(path.relative_to(folder)): {"size": path.stat().st_size, "sha256": sha256(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    manifest = folder / MANIFEST
    manifest.write_text(json.dumps({"format": FORMAT, **facts, "files": files}, indent=1) + "\n")
    manifest.chmod(0o600)
    return sha256(manifest)


@contextmanager
def reading(source: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A backup's folder and manifest, every hash checked; Invalid `backup.unreadable`, `backup.damaged`."""
    if source.is_dir():
        yield source, _checked(source)
        return
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=source.absolute().parent) as name:
        try:
            with tarfile.open(source) as tar:
                tar.extractall(name, filter="data")
        except (OSError, tarfile.TarError) as error:
            raise Invalid("backup.unreadable", f"{source} is no backup that can be read: {error}.") from error
        yield Path(name), _checked(Path(name))


def sha256(path: Path) -> str:
    """Of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def blocks(path: Path) -> Iterator[bytes]:
    """A file's bytes, never all at once."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _checked(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text())
        files = manifest["files"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Invalid("backup.unreadable", f"{folder} holds no manifest of a backup.") from error
    if manifest.get("format") != FORMAT:
        raise Invalid(
            "backup.unreadable", f"This backup is of format {manifest.get('format')}, not {FORMAT}."
        )
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {MANIFEST}
    strange = sorted(found ^ set(files))
    changed = sorted(name for name in found & set(files) if sha256(folder / name) != files[name]["sha256"])
    if strange or changed:
        raise Invalid(
            "backup.damaged", f"The backup is not as it was written: {', '.join((strange + changed)[:5])}."
        )
    return manifest
