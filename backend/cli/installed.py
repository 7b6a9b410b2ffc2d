"""What `make install` puts in place, as checks of files and versions."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from backend.config import environment

NODE_MAJOR = 20
_INSTALL = "run `make install`"
_VERSION_SECONDS = 20


@dataclass(frozen=True)
class Check:
    """One thing looked at. `next_step` says what to do when it is not `ok`, `why` what that means."""

    name: str
    group: str
    ok: bool
    detail: str
    next_step: str = ""
    why: str = ""


def installed(root: Path) -> list[Check]:
    """Checks of the checkout at `root`."""
    checks = [_python(root, "root", root / ".venv")]
    checks += [_python(root, name, root / ".venvs" / name) for name in ("contracts", "node", "aggregator")]
    return [_uv(root), _node(), *checks, _anvil(root), _mongod(root)]


def _uv(root: Path) -> Check:
    own = root / ".tools" / "bin" / "uv"
    found = str(own) if own.exists() else shutil.which("uv")
    return Check("uv", "installed", found is not None, found or "missing", _INSTALL)


def _node() -> Check:
    path = shutil.which("node")
    if path is None:
        return Check("node", "installed", False, "missing", f"install Node.js {NODE_MAJOR} or newer")
    told = subprocess.run(
        [path, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False
    ).stdout
    match = re.match(r"v(\d+)\.", told)
    new_enough = match is not None and int(match[1]) >= NODE_MAJOR
    return Check(
        "node", "installed", new_enough, told.strip() or path, f"install Node.js {NODE_MAJOR} or newer"
    )


def _python(root: Path, name: str, folder: Path) -> Check:
    python = folder / "bin" / "python"
    shown = str(folder.relative_to(root))
    return Check(
        f"environment {name}",
        "installed",
        python.exists(),
        shown if python.exists() else f"{shown} missing",
        _INSTALL,
    )


def _anvil(root: Path) -> Check:
    found = sorted((root / "node_modules" / "@foundry-rs").glob("anvil-*/bin/anvil"))
    detail = str(found[0].relative_to(root)) if found else "node_modules has no Anvil"
    return Check("anvil", "installed", bool(found), detail, _INSTALL)


def _mongod(root: Path) -> Check:
    if environment("MONGODB_URI"):
        return Check("mongod", "installed", True, "MONGODB_URI names a database")
    found = shutil.which("mongod")
    wheel = sorted((root / ".venv" / "lib").glob("python3.*/site-packages/fiftyone/db/bin/mongod"))
    path = found or (str(wheel[0].relative_to(root)) if wheel else None)
    step = (
        _INSTALL if platform.system() == "Linux" else "install mongod and put it on PATH, or set MONGODB_URI"
    )
    return Check("mongod", "installed", path is not None, path or "missing", step)
