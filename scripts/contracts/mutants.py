"""Prove that the forge tests catch every bug of tests/contracts/mutants: plant each in a copy, expect the named tests to fail.

A mutant is caught when it compiles, its tests' setUp passes and one of the tests it names fails. Exit 0: all are caught,
and for each rule one breaks an invariant named after it; 1: not so; 2: the mutants or the tests cannot be used as they stand.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from scripts.contracts.forge import ROOT, CheckFailed, DoesNotCompile, ForgeTest, run_tests
from scripts.contracts.planted import RULES, Mutant, read_mutants

MUTANTS = ROOT / "tests" / "contracts" / "mutants"
SCRATCH = ROOT / "build" / "mutants"
FEWEST = 25
# Forge then compiles only what changed: tests reach contracts through artifacts instead of containing them.
SETTINGS = {"FOUNDRY_DYNAMIC_TEST_LINKING": "true"}
_RUN_LIMIT_S = 300.0

Outcome = Literal["caught", "survived", "does not compile", "breaks setUp", "took too long"]


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant: the tests that failed, and why the first did."""

    mutant: Mutant
    outcome: Outcome
    failed: tuple[str, ...]
    reason: str
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status as in the module's description."""
    options = _parser().parse_args(arguments)
    started = time.monotonic()
    try:
        mutants = _chosen(read_mutants(MUTANTS), options.only, options.rule)
        with tempfile.TemporaryDirectory(prefix="mutants-", dir=_made(SCRATCH)) as folder:
            original = Path(folder) / "original"
            _copy_checkout(original)
            _require_plantable(mutants, Path(folder) / "check", original)
            _say(f"{len(mutants)} mutants; first the tests on the contracts as they are")
            places = _require_passing(mutants, original)
            _say(f"these pass after {time.monotonic() - started:.0f} s")
            verdicts = _try_all(mutants, places, original, Path(folder), options.jobs)
    except CheckFailed as failed:
        _say(str(failed))
        return 2
    complaints = complaints_about(verdicts, whole=not (options.only or options.rule))
    seconds = round(time.monotonic() - started, 1)
    for complaint in complaints:
        _say(complaint)
    caught = sum(verdict.outcome == "caught" for verdict in verdicts)
    _say(f"{caught} of {len(verdicts)} caught in {seconds:.0f} s")
    if options.json:
        print(json.dumps(_as_json(verdicts, complaints, seconds), indent=2))
    return 1 if complaints else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.contracts.mutants", description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="try this mutant only; repeatable")
    parser.add_argument("--rule", type=int, choices=RULES, help="try the mutants against this rule only")
    parser.add_argument("--jobs", type=int, default=2, help="how many to try at a time (2)")
    parser.add_argument("--json", action="store_true", help="print the outcome of each as JSON in the end")
    return parser


def _chosen(mutants: Iterable[Mutant], only: Sequence[str] | None, rule: int | None) -> list[Mutant]:
    against = [mutant for mutant in mutants if rule in (None, mutant.rule)]
    if unknown := set(only or ()) - {mutant.name for mutant in against}:
        raise CheckFailed("mutants.unknown_name", f"there is no such mutant: {min(unknown)}.")
    return [mutant for mutant in against if not only or mutant.name in only]


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _copy_checkout(copy: Path) -> None:
    copy.mkdir()
    for part in ("contracts", "tests/contracts/forge"):
        shutil.copytree(ROOT / part, copy / part)
    shutil.copy(ROOT / "foundry.toml", copy)
    for part in ("node_modules", "scripts"):
        (copy / part).symlink_to(ROOT / part)


def _require_plantable(mutants: Iterable[Mutant], folder: Path, original: Path) -> None:
    for mutant in mutants:
        shutil.copytree(original / "contracts", folder / "contracts")
        mutant.plant(folder)
        shutil.rmtree(folder)


def _require_passing(mutants: Iterable[Mutant], original: Path) -> dict[str, str]:
    """Where each named test is."""
    mutants = list(mutants)
    everything = not all(mutant.caught_by for mutant in mutants)
    named = {test: mutant.name for mutant in mutants for test in mutant.caught_by}
    results = run_tests([] if everything else _filter(named), original, SETTINGS)
    if failing := next((result for result in results if not result.passed), None):
        raise CheckFailed("mutants.tests_fail", f"{failing.name} fails without a bug: {failing.reason}.")
    places = {result.name: result.file for result in results}
    if missing := sorted(named.keys() - places.keys()):
        raise CheckFailed(
            "mutants.no_test", f"{named[missing[0]]} is to be caught by {missing[0]}, which does not exist."
        )
    return places


def _filter(tests: Iterable[str], places: Mapping[str, str] | None = None) -> list[str]:
    """Forge's arguments for these tests alone. Told where they are, it compiles no other test."""
    tests = list(tests)
    contracts = "|".join(sorted({test.partition(".")[0] for test in tests}))
    functions = "|".join(sorted({test.partition(".")[2] for test in tests}))
    files = sorted({places[test] for test in tests}) if places else []
    return [
        *(["--match-path", files[0] if len(files) == 1 else f"{{{','.join(files)}}}"] if files else []),
        *("--match-contract", f"^({contracts})$"),
        *("--match-test", rf"^({functions})(\(|$)"),
    ]


def _try_all(
    mutants: Sequence[Mutant], places: Mapping[str, str], original: Path, scratch: Path, jobs: int
) -> list[Verdict]:
    verdicts = {}
    with ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(_try, mutant, places, original, scratch / mutant.name) for mutant in mutants]
        try:
            for done, each in enumerate(as_completed(running), start=1):
                verdict = each.result()
                verdicts[verdict.mutant.name] = verdict
                _say(_line(verdict, f"{done}/{len(mutants)}"))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [verdicts[mutant.name] for mutant in mutants]


def _try(mutant: Mutant, places: Mapping[str, str], original: Path, copy: Path) -> Verdict:
    """Each has a copy of its own, with the original's compiler cache: nothing of one mutant can reach the next."""
    started = time.monotonic()
    shutil.copytree(original, copy, symlinks=True)
    try:
        mutant.plant(copy)
        outcome, failed, reason = _judge(mutant, places, copy)
    finally:
        shutil.rmtree(copy)
    return Verdict(mutant, outcome, failed, reason, round(time.monotonic() - started, 1))


def _judge(mutant: Mutant, places: Mapping[str, str], copy: Path) -> tuple[Outcome, tuple[str, ...], str]:
    try:
        chosen = _filter(mutant.caught_by, places) if mutant.caught_by else ["--fail-fast"]
        failures = _failures(run_tests(chosen, copy, SETTINGS, _RUN_LIMIT_S))
        if not failures and mutant.caught_by:
            # Not by the tests it names: by any?
            others = _failures(run_tests([], copy, SETTINGS, _RUN_LIMIT_S))
            return "survived", tuple(sorted(others)), "; ".join(sorted(set(others.values())))
    except DoesNotCompile as refused:
        return "does not compile", (), str(refused)
    except subprocess.TimeoutExpired:
        return "took too long", (), f"forge had not ended after {_RUN_LIMIT_S:.0f} s"
    wanted = {name: why for name, why in failures.items() if not mutant.caught_by or name in mutant.caught_by}
    wanted = {name: why for name, why in wanted.items() if not name.endswith(".setUp")}
    if wanted:
        return "caught", tuple(sorted(wanted)), wanted[min(wanted)]
    if failures:
        return "breaks setUp", tuple(sorted(failures)), failures[min(failures)]
    return "survived", (), ""


def _failures(results: Iterable[ForgeTest]) -> dict[str, str]:
    return {result.name: result.reason for result in results if not result.passed}


def complaints_about(verdicts: Sequence[Verdict], *, whole: bool) -> list[str]:
    """What is wrong, one sentence each; `whole`: these are all mutants, so their number and the rules count too."""
    complaints = []
    for verdict in verdicts:
        if verdict.outcome != "caught":
            instead = f"; failing instead: {', '.join(verdict.failed)}" if verdict.failed else ""
            complaints.append(f"{verdict.mutant.name} {verdict.outcome}: {verdict.mutant.bug}{instead}")
    if not whole:
        return complaints
    if len(verdicts) < FEWEST:
        complaints.append(f"there are {len(verdicts)} mutants; {FEWEST} at least are promised")
    for rule in RULES:
        guards = {
            test for v in verdicts if v.mutant.rule == rule and v.outcome == "caught" for test in v.failed
        }
        if not any(re.search(rf"\.invariant_rule{rule}_", test) for test in guards):
            complaints.append(
                f"no bug against rule {rule} breaks an invariant named invariant_rule{rule}_..."
            )
    return complaints


def _line(verdict: Verdict, progress: str) -> str:
    by = f" by {', '.join(verdict.failed)}" if verdict.failed else ""
    why = f" ({verdict.reason})" if verdict.reason else ""
    return f"{progress} {verdict.mutant.name}: {verdict.outcome}{by}{why} [{verdict.seconds:.1f} s]"


def _as_json(verdicts: Iterable[Verdict], complaints: Sequence[str], seconds: float) -> dict[str, object]:
    return {
        "seconds": seconds,
        "complaints": complaints,
        "mutants": [asdict(verdict) for verdict in verdicts],
    }


def _say(line: str) -> None:
    print(f"mutants: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
