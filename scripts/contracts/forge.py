"""Forge, as the checks run it: on this checkout or on a copy of it, and what it says about tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WRAPPER = ROOT / "scripts" / "contracts" / "forge.sh"


class CheckFailed(Exception):
    """A check could not be carried out: a code, and one sentence that says why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code


class DoesNotCompile(CheckFailed):
    """The compiler refused the sources."""


@dataclass(frozen=True)
class ForgeTest:
    """One forge test; `name` is `Contract.function`, `file` its source, `gas` what it measured, in gas, by label."""

    name: str
    file: str
    passed: bool
    reason: str
    gas: Mapping[str, int]


def run_forge(
    arguments: Sequence[str],
    folder: Path = ROOT,
    settings: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
) -> subprocess.CompletedProcess[str]:
    """Forge's exit, with `settings` (FOUNDRY_...) over foundry.toml. Raises subprocess.TimeoutExpired."""
    return subprocess.run(
        [WRAPPER, *arguments],
        cwd=folder,
        env={**os.environ, **(settings or {})},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )


def run_tests(
    arguments: Sequence[str],
    folder: Path = ROOT,
    settings: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
) -> list[ForgeTest]:
    """The results of `forge test ARGUMENTS`, none when nothing matched.

    Raises DoesNotCompile, CheckFailed (`forge.no_answer`), subprocess.TimeoutExpired.
    """
    ended = run_forge(["test", "--json", *arguments], folder, settings, timeout_s)
    start = ended.stdout.find("{")
    if start >= 0:
        return list(_results(json.loads(ended.stdout[start:])))
    if "No tests" in ended.stdout + ended.stderr:
        return []
    said = ended.stderr.strip() or ended.stdout.strip() or f"exit status {ended.returncode}"
    if "Compil" in said:
        raise DoesNotCompile("forge.does_not_compile", _first_error(said))
    raise CheckFailed("forge.no_answer", said.splitlines()[0])


def _results(suites: Mapping[str, Any]) -> Iterator[ForgeTest]:
    for suite, content in suites.items():
        file, _, contract = suite.rpartition(":")
        for signature, result in content["test_results"].items():
            yield ForgeTest(
                name=f"{contract}.{signature.partition('(')[0]}",
                file=file,
                passed=result["status"] == "Success",
                reason=result["reason"] or "",
                gas={
                    label: int(gas)
                    for group in result["gas_snapshots"].values()
                    for label, gas in group.items()
                },
            )


def _first_error(said: str) -> str:
    """The compiler's first complaint, below forge's own headings."""
    lines = [line for line in said.splitlines() if line.strip()]
    return next(
        (line for line in lines if not re.fullmatch(r"(Error: )?Compil\w+ (run )?failed:?", line)), lines[0]
    )
