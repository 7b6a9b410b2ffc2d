"""Throw hostile input at everything that reads what strangers send, and print JSON: inputs tried, crashes (0).

A crash is anything but a described value or a refusal with a code: another exception, an answer that breaks a promise, more than
ten seconds or 2 GB for one input. What crashed a parser is kept in tests/recordings/fuzz/ and is a regression test from then on;
of the served API, the request is told.
Exit 0: no crash; 1: some; 2: bad arguments.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

import structlog

from scripts.fuzz import api, guided
from scripts.fuzz.part import Budget, Outcome, Part

PARTS: tuple[Part, ...] = (*guided.parts(), Part("api", api.run))


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status as in the module's description."""
    parser = argparse.ArgumentParser(prog="python -m scripts.fuzz", description=__doc__)
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument("--minutes", type=float, default=10.0, help="for all parts together (default 10)")
    limit.add_argument("--inputs", type=int, help="for all parts together, in place of a time")
    parser.add_argument(
        "--only", action="append", choices=[p.name for p in PARTS], help="this part; may be repeated"
    )
    parser.add_argument("--at-once", type=int, default=1, help="parts that run side by side (default 1)")
    options = parser.parse_args(arguments)
    chosen = [part for part in PARTS if not options.only or part.name in options.only]
    if (
        options.minutes <= 0
        or options.at_once < 1
        or (options.inputs is not None and options.inputs < len(chosen))
    ):
        parser.error(
            "--minutes and --at-once must be above zero, and --inputs enough for one input in each part."
        )
    budget = Budget(
        60 * options.minutes * min(options.at_once, len(chosen)) / len(chosen),
        options.inputs // len(chosen) if options.inputs else None,
        lambda line: print(line, file=sys.stderr, flush=True),
    )
    started = time.monotonic()
    with ThreadPoolExecutor(options.at_once) as pool:
        outcomes = list(pool.map(lambda part: _run(part, budget), chosen))
    report = {
        "inputs": sum(outcome.inputs for outcome in outcomes),
        "crashes": sum(len(outcome.crashes) for outcome in outcomes),
        "seconds": round(time.monotonic() - started, 1),
        "parts": {
            p.name: {"inputs": o.inputs, "crashes": [asdict(c) for c in o.crashes]}
            for p, o in zip(chosen, outcomes, strict=True)
        },
    }
    print(json.dumps(report, indent=2))
    if report["crashes"]:
        print(
            "fuzz: mend what broke; the parsers' inputs are kept in tests/recordings/fuzz/ and tried again by make test-unit.",
            file=sys.stderr,
        )
    return 1 if report["crashes"] else 0


def _run(part: Part, budget: Budget) -> Outcome:
    started = time.monotonic()
    outcome = part.run(budget)
    seconds = time.monotonic() - started
    budget.progress(
        f"{part.name:16} {outcome.inputs:>9} inputs  {len(outcome.crashes)} crashes  {seconds:6.1f} s"
    )
    for crash in outcome.crashes:
        budget.progress(f"{'':16} {crash.where}: {crash.said}")
    return outcome


if __name__ == "__main__":
    # What the served API logs is no part of the report.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    raise SystemExit(main())
