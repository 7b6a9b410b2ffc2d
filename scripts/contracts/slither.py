"""Run Slither over contracts/: every finding of high or medium impact must be explained in contracts/slither-triage.toml.

An explanation of a finding that Slither no longer makes is refused too. Exit 0: nothing unexplained; 1: not so; 2: Slither
could not look.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.contracts.forge import ROOT, WRAPPER, CheckFailed

TRIAGE = ROOT / "contracts" / "slither-triage.toml"
PROGRAM = ROOT / ".venvs" / "slither" / "bin" / "slither"
REPORT = ROOT / "build" / "slither" / "report.json"
REFUSED_IMPACTS = ("High", "Medium")


@dataclass(frozen=True)
class Subject:
    """What a finding is about, in words that survive edits elsewhere: `where` is `Contract.function(types)`, followed
    by `.variable` when it is about one."""

    check: str
    where: str


@dataclass(frozen=True)
class Finding:
    """One thing Slither says; `impact` is its word: High, Medium, Low, Informational, Optimization."""

    subject: Subject
    impact: str
    description: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status as in the module's description."""
    parser = argparse.ArgumentParser(prog="python -m scripts.contracts.slither", description=__doc__)
    parser.add_argument("--all", action="store_true", help="print low and informational findings too")
    parser.add_argument(
        "--json", action="store_true", help="print findings and complaints as JSON in the end"
    )
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        _look()
        findings = read_report(json.loads(REPORT.read_text(encoding="utf-8")))
        complaints = judge(findings, read_triage(TRIAGE))
    except CheckFailed as failed:
        print(f"slither: {failed}", file=sys.stderr)
        return 2
    if options.all:
        for finding in findings:
            print(f"{finding.impact} {finding.subject.check}: {finding.description}", file=sys.stderr)
    for complaint in complaints:
        print(f"slither: {complaint}", file=sys.stderr)
    grave = sum(finding.impact in REFUSED_IMPACTS for finding in findings)
    print(
        f"slither: {grave} high or medium of {len(findings)} findings, {len(complaints)} complaint(s) "
        f"in {time.monotonic() - started:.0f} s",
        file=sys.stderr,
    )
    if options.json:
        print(
            json.dumps(
                {"findings": [_as_json(each) for each in findings], "complaints": complaints}, indent=2
            )
        )
    return 1 if complaints else 0


def _look() -> None:
    if not PROGRAM.exists():
        raise CheckFailed("slither.not_installed", "Slither is not installed: run make slither.")
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.unlink(missing_ok=True)
    # It compiles everything anew through the forge on its PATH: in folders of its own, not over the tests' cache.
    programs = REPORT.parent / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "forge").unlink(missing_ok=True)
    (programs / "forge").symlink_to(WRAPPER)
    environment = {
        **os.environ,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "FOUNDRY_OUT": "build/slither/out",
        "FOUNDRY_CACHE_PATH": "build/slither/cache",
    }
    ended = subprocess.run(
        [PROGRAM, ".", "--filter-paths", "node_modules/|tests/", "--json", REPORT],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if not REPORT.exists():
        said = (ended.stderr or ended.stdout).strip().splitlines()
        raise CheckFailed("slither.no_report", said[-1] if said else f"exit status {ended.returncode}.")


def read_report(report: Mapping[str, Any]) -> list[Finding]:
    """Slither's findings, in its order. Raises CheckFailed when it did not get that far."""
    if not report["success"]:
        raise CheckFailed("slither.failed", str(report["error"]).strip().splitlines()[-1])
    return [
        Finding(
            Subject(each["check"], _where(each["elements"])),
            each["impact"],
            each["description"].strip().splitlines()[0],
        )
        for each in report["results"].get("detectors", [])
    ]


def _where(elements: Sequence[Mapping[str, Any]]) -> str:
    """The first element, from its contract down."""
    names: list[str] = []
    element: Mapping[str, Any] | None = elements[0] if elements else None
    while element:
        fields = element.get("type_specific_fields", {})
        if element["type"] != "node":
            names.insert(0, fields.get("signature") or element["name"])
        element = fields.get("parent")
    return ".".join(names)


def read_triage(path: Path) -> dict[Subject, int]:
    """How many findings are explained, by subject. Raises CheckFailed on a malformed entry."""
    explained: dict[Subject, int] = {}
    for number, entry in enumerate(
        tomllib.loads(path.read_text(encoding="utf-8")).get("finding", []), start=1
    ):
        if not {"check", "where", "why"} <= entry.keys() <= {"check", "where", "why", "findings"}:
            raise CheckFailed(
                "slither.bad_entry",
                f"{path.name}, entry {number} needs check, where and why, and may have findings; nothing else.",
            )
        explained[Subject(entry["check"], entry["where"])] = entry.get("findings", 1)
    return explained


def judge(findings: Iterable[Finding], explained: Mapping[Subject, int]) -> list[str]:
    """What is wrong, one sentence each."""
    grave: defaultdict[Subject, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.impact in REFUSED_IMPACTS:
            grave[finding.subject].append(finding)
    complaints = [
        f"{finding.impact} {subject.check} in {subject.where} is not explained: {finding.description}"
        for subject, made in grave.items()
        for finding in made[explained.get(subject, 0) :]
    ]
    complaints += [
        f"{subject.check} in {subject.where} is explained {times} time(s) and found {len(grave.get(subject, []))}"
        for subject, times in explained.items()
        if len(grave.get(subject, [])) < times
    ]
    return complaints


def _as_json(finding: Finding) -> dict[str, str]:
    return {
        "check": finding.subject.check,
        "where": finding.subject.where,
        "impact": finding.impact,
        "description": finding.description,
    }


if __name__ == "__main__":
    raise SystemExit(main())
