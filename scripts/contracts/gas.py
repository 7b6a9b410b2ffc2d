"""Measure what the money moves cost and compare with tests/contracts/gas.json.

The figures come from GasTest (tests/contracts/forge/Gas.t.sol), GreenGasTest, LedgerGasTest and CreditGasTest beside it, which make each call a
transaction of its own. A figure that moved by more than 1 %, is above its limit, or exists on one side only is refused; with --update
the file is rewritten and only the limits count. Exit 0: as promised; 1: not; 2: forge could not measure.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

from scripts.contracts.forge import ROOT, CheckFailed, run_tests

KEPT = ROOT / "tests" / "contracts" / "gas.json"
TOLERANCE = 0.01


class Figure(TypedDict):
    """Gas of one call as a transaction; `limit` is the most it may be, `like` another that it may not differ from."""

    gas: int
    limit: NotRequired[int]
    like: NotRequired[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status as in the module's description."""
    parser = argparse.ArgumentParser(prog="python -m scripts.contracts.gas", description=__doc__)
    parser.add_argument("--update", action="store_true", help="write the measured figures to gas.json")
    parser.add_argument("--json", action="store_true", help="print the measured figures as JSON in the end")
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        measured = _measure()
    except CheckFailed as failed:
        print(f"gas: {failed}", file=sys.stderr)
        return 2
    kept: dict[str, Figure] = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    print(table(kept, measured), file=sys.stderr)
    if options.update:
        kept = updated(kept, measured)
        KEPT.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    complaints = judge(kept, measured)
    for complaint in complaints:
        print(f"gas: {complaint}", file=sys.stderr)
    print(f"gas: {time.monotonic() - started:.0f} s", file=sys.stderr)
    if options.json:
        print(json.dumps({"gas": measured, "complaints": complaints}, indent=2))
    return 1 if complaints else 0


def _measure() -> dict[str, int]:
    results = run_tests(["--match-contract", "GasTest$"])
    if failing := next((result for result in results if not result.passed), None):
        raise CheckFailed("gas.test_fails", f"{failing.name} fails: {failing.reason}.")
    measured = {label: gas for result in results for label, gas in result.gas.items()}
    if not measured:
        raise CheckFailed("gas.nothing_measured", "GasTest measured nothing.")
    return dict(sorted(measured.items(), key=lambda entry: _reading_order(entry[0])))


def _reading_order(label: str) -> list[tuple[int, str]]:
    """Numbers inside labels by their size: 4 payees before 16."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", label)]


def updated(kept: Mapping[str, Figure], measured: Mapping[str, int]) -> dict[str, Figure]:
    """The measured figures with the limits that were kept; what is no longer measured goes."""
    figures: dict[str, Figure] = {}
    for label, gas in measured.items():
        figures[label] = {**kept[label], "gas": gas} if label in kept else {"gas": gas}
    return figures


def judge(kept: Mapping[str, Figure], measured: Mapping[str, int]) -> list[str]:
    """What is wrong, one sentence each."""
    complaints = [
        f"{label} is in {KEPT.name} and was not measured" for label in kept if label not in measured
    ]
    for label, gas in measured.items():
        if label not in kept:
            complaints.append(f"{label} costs {gas} and is not in {KEPT.name}: make gas-update adds it")
            continue
        figure = kept[label]
        if _differ(gas, figure["gas"]):
            change = 100.0 * (gas - figure["gas"]) / figure["gas"]
            complaints.append(
                f"{label} costs {gas}, not {figure['gas']} ({change:+.1f} %): make gas-update if that is meant"
            )
        if gas > figure.get("limit", gas):
            complaints.append(f"{label} costs {gas}, above its limit of {figure['limit']}")
        if (other := figure.get("like")) and _differ(gas, measured.get(other, 0)):
            complaints.append(f"{label} costs {gas} and {other} {measured.get(other)}: they may not differ")
    return complaints


def table(kept: Mapping[str, Figure], measured: Mapping[str, int]) -> str:
    """Every figure: measured, kept, limit."""
    width = max(map(len, measured))
    lines = [f"{'call':<{width}}  {'gas':>9}  {'kept':>9}  {'limit':>9}"]
    for label, gas in measured.items():
        figure: Mapping[str, object] = kept.get(label, {})
        lines.append(
            f"{label:<{width}}  {gas:>9}  {figure.get('gas', '-')!s:>9}  {figure.get('limit', '-')!s:>9}"
        )
    return "\n".join(lines)


def _differ(one: int, other: int) -> bool:
    return abs(one - other) > TOLERANCE * other


if __name__ == "__main__":
    raise SystemExit(main())
