"""What can be decided without asking anybody: locks in step with their manifests, packages pinned by a hash, sources, licences."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

from scripts.audit.finding import ROOT, Explained, Finding

ENVIRONMENTS = {
    ".": ".venv",
    "contracts": ".venvs/contracts",
    "fl_nodes": ".venvs/node",
    "scripts/install/slither": ".venvs/slither",
    "tests/bench/flower": ".venvs/flower",
}
"""Python projects with a lock, and where each is installed; slither and flower only where they are wanted."""
MORE_ENVIRONMENTS = (".venvs/aggregator", ".venvs/fuzz")
REGISTRY = "https://pypi.org/simple"
OWN = ("editable", "virtual")
CHECK_SECONDS = 120

Runs = Callable[[list[str]], bool]


def pypi_packages(root: Path = ROOT) -> dict[str, str]:
    """Every locked Python package, `NAME==VERSION` by `NAME==VERSION` of all locks, with the lock it stands in."""
    found = {}
    for project in ENVIRONMENTS:
        for package in _locked(root / project):
            if not _is_own(package):
                found[f"{package['name']}=={package['version']}"] = project
    return found


def npm_packages(root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """Every entry of package-lock.json but our own, by its place in node_modules."""
    lock = json.loads((root / "package-lock.json").read_text())
    return {place: entry for place, entry in lock["packages"].items() if place}


def in_step(uv: Path, root: Path = ROOT, runs: Runs | None = None) -> Iterator[Finding]:
    """Locks that do not say what their manifests ask for."""
    runs = runs or _runs
    for project in ENVIRONMENTS:
        command = [str(uv), "lock", "--check", "--offline", "--quiet", "--project", str(root / project)]
        if not runs(command):
            yield Finding(
                "lock.stale",
                f"{project}/uv.lock",
                "The lock is not that of its pyproject.toml.",
                f"uv lock --project {project}",
            )
    manifest = json.loads((root / "package.json").read_text())
    locked = json.loads((root / "package-lock.json").read_text())["packages"][""]
    for kind in ("dependencies", "devDependencies", "optionalDependencies"):
        if manifest.get(kind, {}) != locked.get(kind, {}):
            yield Finding(
                "lock.stale",
                "package-lock.json",
                f"The lock's {kind} are not those of package.json.",
                "npm install --package-lock-only",
            )


def pinned(root: Path = ROOT) -> Iterator[Finding]:
    """Packages without a hash, or from elsewhere than the registries."""
    for project in ENVIRONMENTS:
        for package in _locked(root / project):
            if _is_own(package):
                continue
            name = f"pypi:{package['name']}"
            if package["source"].get("registry") != REGISTRY:
                yield Finding(
                    "source.unknown", name, f"It comes from {package['source']}.", f"Use {REGISTRY}."
                )
            files = [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]
            if not files or not all(str(file.get("hash", "")).startswith("sha256:") for file in files):
                yield Finding(
                    "hash.missing", name, f"{project}/uv.lock has files of it without a SHA-256.", "uv lock"
                )
    for place, entry in npm_packages(root).items():
        name = f"npm:{_npm_name(place)}"
        # What comes inside another package is covered by that one's hash.
        if not entry.get("inBundle") and not str(entry.get("integrity", "")).startswith("sha512-"):
            yield Finding(
                "hash.missing",
                name,
                "package-lock.json has no SHA-512 of it.",
                "npm install --package-lock-only",
            )
        source = entry.get("resolved", "https://registry.npmjs.org/")
        if not source.startswith("https://registry.npmjs.org/"):
            yield Finding("source.unknown", name, f"It comes from {source}.", "Use a released version.")


def scripts_unused(root: Path = ROOT) -> Iterator[Finding]:
    """npm packages may run nothing when they are installed."""
    installer = (root / "scripts/install/install.sh").read_text()
    if "npm ci --ignore-scripts" not in installer:
        yield Finding(
            "npm.scripts",
            "scripts/install/install.sh",
            "npm packages could run scripts of theirs when they are installed.",
            "Install with npm ci --ignore-scripts.",
        )


def licences(known: Explained, root: Path = ROOT) -> Iterator[Finding]:
    """Packages of which nobody knows the licence, and explanations that nobody needs any more."""
    unsaid = {
        f"npm:{_npm_name(place)}" for place, entry in npm_packages(root).items() if not entry.get("license")
    }
    for folder in (*ENVIRONMENTS.values(), *MORE_ENVIRONMENTS):
        packages = next((root / folder / "lib").glob("python*/site-packages"), None)
        if packages is not None:
            unsaid |= {
                f"pypi:{found.metadata['Name'].lower()}"
                for found in distributions(path=[str(packages)])
                if not _licence(found) and not found.metadata["Name"].startswith("ecodml")
            }
    for name in sorted(unsaid - known.licences.keys()):
        yield Finding(
            "licence.unknown", name, "It does not say its licence.", "Read it; enter it in explained.toml."
        )


def still_explained(known: Explained, today: date, root: Path = ROOT) -> Iterator[Finding]:
    """Accepted advisories whose date has passed, or whose package is gone."""
    names = {f"pypi:{pinned_to.partition('==')[0]}" for pinned_to in pypi_packages(root)}
    names |= {f"npm:{_npm_name(place)}" for place in npm_packages(root)}
    for entry in known.advisories:
        if entry.package not in names:
            yield Finding(
                "advisory.moot",
                entry.package,
                f"{entry.id} is accepted of a package that is gone.",
                "Delete it.",
            )
        elif entry.until < today:
            yield Finding(
                "advisory.due",
                entry.package,
                f"{entry.id} was accepted until {entry.until}.",
                "Think it through again.",
            )


def _runs(command: list[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True, timeout=CHECK_SECONDS).returncode == 0


def _locked(project: Path) -> list[dict[str, Any]]:
    packages: list[dict[str, Any]] = tomllib.loads((project / "uv.lock").read_text())["package"]
    return packages


def _is_own(package: dict[str, Any]) -> bool:
    return any(kind in package["source"] for kind in OWN)


def _npm_name(place: str) -> str:
    return place.rpartition("node_modules/")[2]


def _licence(found: Distribution) -> bool:
    said = found.metadata
    named = [said["License-Expression"], said["License"], *(said.get_all("Classifier") or [])]
    return any(text and (index < 2 or text.startswith("License ::")) for index, text in enumerate(named))
