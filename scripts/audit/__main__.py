"""What the project depends on: first what can be decided here (locks in step with their manifests, every package pinned by a
hash, nothing run by npm, licences known, accepted advisories still due), then what is known against it, by pip-audit and npm.

Exit 0: nothing found, and everybody answered; 1: something must be mended; 2: bad arguments; 3: nothing found here, but advisories
could not be asked for, so nothing is known about them: run it where pypi.org or osv.dev and registry.npmjs.org answer.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from scripts.audit import advisories, locks
from scripts.audit.finding import ROOT, Finding, explained

MENDED, FOUND, UNASKED = 0, 1, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status as in the module's description."""
    parser = argparse.ArgumentParser(prog="python -m scripts.audit", description=__doc__)
    parser.add_argument(
        "--offline",
        action="store_true",
        help="decide only what needs nobody's answer; then 3 is no success either",
    )
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    options = parser.parse_args(arguments)
    known = explained()
    _say("locks, hashes, sources, licences")
    findings: list[Finding] = [
        *locks.in_step(ROOT / ".tools" / "bin" / "uv"),
        *locks.pinned(),
        *locks.scripts_unused(),
        *locks.licences(known),
        *locks.still_explained(known, datetime.now(UTC).date()),
    ]
    packages = locks.pypi_packages()
    unasked = ["they were not to be asked for (--offline)"] if options.offline else []
    if not options.offline:
        _say("advisories about npm's packages, then about Python's")
        for asked in (advisories.npm(known), advisories.python(packages, known)):
            findings += asked.findings
            unasked += [] if asked.answered else [asked.why]
    counted = {"pypi": len(packages), "npm": len(locks.npm_packages())}
    if options.json:
        report = {
            "packages": counted,
            "findings": [asdict(finding) for finding in findings],
            "advisories": "unknown" if unasked else "asked",
            "unasked": unasked,
        }
        print(json.dumps(report, indent=2))
    else:
        print(f"audit: {counted['pypi']} Python packages, {counted['npm']} of npm: {len(findings)} findings")
        for finding in findings:
            print(f"  {finding.code:16} {finding.package}: {finding.says} {finding.mend}")
        for why in unasked:
            print(f"audit: nothing is known about advisories: {why}")
    return FOUND if findings else UNASKED if unasked else MENDED


def _say(line: str) -> None:
    print(f"audit: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
