"""Measure how much of contracts/ the forge tests run; refuse less than every line and 95 % of the branches.

A branch that no test takes must be explained in tests/contracts/coverage-explained.toml; an explanation of a branch that is
taken, or is no longer there, is refused too. GasTest does not count: it checks nothing; nor do the
ten thousand cases, which go where others went. Exit 0: enough; 1: not; 2: forge
could not measure.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from scripts.contracts.forge import ROOT, CheckFailed, run_forge

REPORT = ROOT / "build" / "coverage" / "lcov.info"
EXPLAINED = ROOT / "tests" / "contracts" / "coverage-explained.toml"
LEAST_BRANCHES_PERCENT = 95.0


@dataclass
class FileCoverage:
    """How often each line and each way out of a branch was taken, by line number."""

    path: str
    lines: dict[int, int] = field(default_factory=dict)
    branches: list[tuple[int, int]] = field(default_factory=list)

    @property
    def open_lines(self) -> list[int]:
        return sorted(line for line, times in self.lines.items() if times == 0)

    @property
    def open_branches(self) -> list[int]:
        """The line of every way that was not taken, once for each."""
        return sorted(line for line, times in self.branches if times == 0)


@dataclass(frozen=True)
class Place:
    """Source text rather than a line number, which every edit above it would move."""

    file: str
    text: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status as in the module's description."""
    parser = argparse.ArgumentParser(prog="python -m scripts.contracts.coverage", description=__doc__)
    parser.add_argument(
        "--json", action="store_true", help="print the figures and complaints as JSON in the end"
    )
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        _measure()
        files = read_lcov(REPORT.read_text(encoding="utf-8"))
        sources = {each.path: (ROOT / each.path).read_text(encoding="utf-8").splitlines() for each in files}
        complaints = judge(files, sources, read_explained(EXPLAINED))
    except CheckFailed as failed:
        print(f"coverage: {failed}", file=sys.stderr)
        return 2
    print(table(files), file=sys.stderr)
    for complaint in complaints:
        print(f"coverage: {complaint}", file=sys.stderr)
    print(f"coverage: {time.monotonic() - started:.0f} s", file=sys.stderr)
    if options.json:
        print(json.dumps({"files": [_figures(each) for each in files], "complaints": complaints}, indent=2))
    return 1 if complaints else 0


def _measure() -> None:
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    REPORT.unlink(missing_ok=True)
    ended = run_forge(
        [
            "coverage",
            "--report=lcov",
            f"--report-file={REPORT}",
            "--exclude-tests",
            "--no-match-coverage=^(node_modules|tests)/",
            "--no-match-contract=(Gas|Cases)Test$",
        ]
    )
    if ended.returncode != 0 or not REPORT.exists():
        said = [
            line for line in (ended.stdout + ended.stderr).splitlines() if re.match(r"Error|\[FAIL", line)
        ]
        raise CheckFailed("coverage.forge_failed", " ".join(said[:2]) or f"exit status {ended.returncode}.")


def read_lcov(report: str) -> list[FileCoverage]:
    """The files of an LCOV report, in its order."""
    files: list[FileCoverage] = []
    for line in report.splitlines():
        kind, _, content = line.partition(":")
        if kind == "SF":
            files.append(FileCoverage(content))
        elif kind == "DA":
            number, times = content.split(",")[:2]
            files[-1].lines[int(number)] = int(times)
        elif kind == "BRDA":
            number, _block, _way, taken = content.split(",")
            files[-1].branches.append((int(number), 0 if taken == "-" else int(taken)))
    return files


def read_explained(path: Path) -> dict[Place, int]:
    """How many ways out of a line are allowed to be open. Raises CheckFailed on a malformed entry."""
    allowed: dict[Place, int] = {}
    for number, entry in enumerate(tomllib.loads(path.read_text(encoding="utf-8")).get("open", []), start=1):
        if not {"file", "line", "why"} <= entry.keys() <= {"file", "line", "why", "branches"}:
            raise CheckFailed(
                "coverage.bad_entry",
                f"{path.name}, entry {number} needs file, line and why, and may have branches; nothing else.",
            )
        allowed[Place(entry["file"], entry["line"].strip())] = entry.get("branches", 1)
    return allowed


def judge(
    files: Iterable[FileCoverage], sources: Mapping[str, Sequence[str]], allowed: Mapping[Place, int]
) -> list[str]:
    """What is wrong, one sentence each."""
    files = list(files)
    complaints = []
    open_: Counter[Place] = Counter()
    where: dict[Place, str] = {}
    for each in files:
        text = sources[each.path]
        complaints += [f"{each.path}:{n} is never run: {text[n - 1].strip()}" for n in each.open_lines]
        for n in each.open_branches:
            place = Place(each.path, text[n - 1].strip())
            open_[place] += 1
            where.setdefault(place, f"{each.path}:{n}")
    for place, ways in open_.items():
        if (explained := allowed.get(place, 0)) < ways:
            complaints.append(
                f"{where[place]} has {ways} way(s) no test takes, {explained} explained: {place.text}"
            )
    complaints += [
        f"{place.file} is explained to leave {ways} way(s) open and leaves {open_[place]}: {place.text}"
        for place, ways in allowed.items()
        if open_[place] < ways
    ]
    branches = [times for each in files for _, times in each.branches]
    if (percent := _percent(branches)) < LEAST_BRANCHES_PERCENT:
        complaints.append(
            f"{percent:.1f} % of the branches are taken, {LEAST_BRANCHES_PERCENT:.0f} % are promised"
        )
    return complaints


def table(files: Iterable[FileCoverage]) -> str:
    """Lines and branches of each file and in total, hit / all."""
    rows = [(each.path, list(each.lines.values()), [times for _, times in each.branches]) for each in files]
    rows.append(
        ("total", [n for _, lines, _ in rows for n in lines], [n for _, _, ways in rows for n in ways])
    )
    width = max(len(path) for path, _, _ in rows)
    body = [f"{path:<{width}}  {_cell(lines)}  {_cell(ways)}" for path, lines, ways in rows]
    return "\n".join([f"{'file':<{width}}  {'lines':>17}  {'branches':>17}", *body])


def _cell(times: Sequence[int]) -> str:
    hit = sum(n > 0 for n in times)
    return f"{_percent(times):6.1f} % {hit:>4}/{len(times):<3}"


def _percent(times: Sequence[int]) -> float:
    return 100.0 * sum(n > 0 for n in times) / len(times) if times else 100.0


def _figures(each: FileCoverage) -> dict[str, object]:
    return {
        "file": each.path,
        "lines": len(each.lines),
        "open_lines": each.open_lines,
        "branches": len(each.branches),
        "open_branches": each.open_branches,
    }


if __name__ == "__main__":
    raise SystemExit(main())
