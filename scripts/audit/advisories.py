"""What is known against the locked packages, by those who collect it. Whoever does not answer has not said that nothing is."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.audit.finding import ROOT, Explained, Finding

CANARY = "jinja2==2.10"
"""Has had advisories for years: a service that knows of none knows nothing."""
SERVICES = ("pypi", "osv")
ASK_SECONDS = 900.0

Told = Callable[[list[str]], str]
"""What a command prints."""


@dataclass(frozen=True)
class Asked:
    """What came of asking: `answered` is false where nothing was decided, and `why` says so."""

    answered: bool
    findings: tuple[Finding, ...] = ()
    why: str = ""


def python(packages: Iterable[str], known: Explained, told: Told | None = None) -> Asked:
    """Advisories about `NAME==VERSION`s."""
    told = told or _told
    for service in SERVICES:
        if any(entry.get("vulns") for entry in _audited([CANARY], service, told)):
            break
    else:
        return Asked(
            False,
            why=f"no service of {' and '.join(SERVICES)} knows anything of {CANARY}, which has advisories",
        )
    findings: list[Finding | None] = []
    silent = []
    for batch in batches(packages):
        entries = _audited(batch, service, told)
        answered = {entry["name"] for entry in entries if "skip_reason" not in entry}
        silent += [package for package in batch if package.partition("==")[0] not in answered]
        findings += [
            _finding(f"pypi:{entry['name']}", entry["version"], _ids(found), found.get("fix_versions"), known)
            for entry in entries
            for found in entry.get("vulns", [])
        ]
    if silent:
        why = f"{service} says nothing of {len(silent)} packages: {', '.join(silent[:5])}"
        return Asked(False, tuple(filter(None, findings)), why)
    return Asked(True, tuple(filter(None, findings)))


def batches(packages: Iterable[str]) -> list[list[str]]:
    """In lists that have each name once: pip-audit takes no two versions of a package."""
    found: list[dict[str, str]] = []
    for package in sorted(packages):
        name = package.partition("==")[0]
        free = next((batch for batch in found if name not in batch), None)
        if free is None:
            free = {}
            found.append(free)
        free[name] = package
    return [list(batch.values()) for batch in found]


def npm(known: Explained, told: Told | None = None) -> Asked:
    """Advisories about what package-lock.json has."""
    said = _json((told or _told)(["npm", "audit", "--json", "--package-lock-only"]))
    if "vulnerabilities" not in said or "auditReportVersion" not in said:
        why = said.get("message") or said.get("error", {}).get("summary") or "no report came"
        return Asked(False, why=f"npm: {str(why).splitlines()[0][:200]}")
    findings = []
    for name, entry in said["vulnerabilities"].items():
        # Strings name the package that an advisory comes from; it has an entry of its own.
        for source in (via for via in entry["via"] if isinstance(via, dict)):
            ids = [str(source.get("url", "")).rpartition("/")[2], str(source.get("source", ""))]
            findings.append(_finding(f"npm:{name}", source.get("range", ""), ids, None, known))
    return Asked(True, tuple(filter(None, findings)))


def _ids(found: dict[str, Any]) -> list[str]:
    return [found["id"], *found.get("aliases", [])]


def _finding(
    package: str, version: str, ids: list[str], fixed: list[str] | None, known: Explained
) -> Finding | None:
    """None for one that is accepted."""
    if any(entry.package == package and entry.id in ids for entry in known.advisories):
        return None
    mend = f"Use {' or '.join(fixed)}." if fixed else "Update, or enter it in explained.toml with a reason."
    return Finding("advisory.known", package, f"{version}: {ids[0]}.", mend)


def _audited(packages: Iterable[str], service: str, told: Told) -> list[dict[str, Any]]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(sorted(packages)) + "\n")
        file.flush()
        command = [
            sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--progress-spinner", "off", "--format", "json",
            "--vulnerability-service", service, "--requirement", file.name,
        ]  # fmt: skip
        found: list[dict[str, Any]] = _json(told(command)).get("dependencies", [])
        return found


def _json(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _told(command: list[str]) -> str:
    try:
        return subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=ASK_SECONDS, cwd=Path(ROOT)
        ).stdout
    except (subprocess.TimeoutExpired, OSError):
        return ""
