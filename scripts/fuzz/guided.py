"""A parser under a coverage-guided fuzzer (atheris), in a process of its own with bounded time and memory for each input."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from functools import partial
from pathlib import Path

from scripts.fuzz.part import Budget, Crash, Outcome, Part
from scripts.fuzz.targets import MODULES, load

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venvs" / "fuzz" / "bin" / "python"
CORPORA = ROOT / "run" / "fuzz"
KEPT = ROOT / "tests" / "recordings" / "fuzz"
SECONDS_PER_INPUT = 10
MOST_MEGABYTES = 2_000
START_SECONDS = 120.0
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")
_ENDED = re.compile(r"^(timeout|oom|crash|leak|slow-unit)-[0-9a-f]+$")


def parts() -> tuple[Part, ...]:
    """A part for each parser."""
    return tuple(Part(name, partial(run, name)) for name in MODULES)


def run(name: str, budget: Budget) -> Outcome:
    """Fuzz one parser."""
    folder = CORPORA / name
    corpus, seeds, ended = folder / "corpus", folder / "seeds", folder / "ended"
    for made in (corpus, seeds, ended):
        made.mkdir(parents=True, exist_ok=True)
    for old in ended.iterdir():
        old.unlink()
    target = load(name)
    for data in target.seeds():
        (seeds / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words), encoding="ascii")
    report = folder / "report.json"
    report.unlink(missing_ok=True)
    limits = [
        f"-dict={words}", f"-artifact_prefix={ended}/", f"-max_len={target.largest}", f"-timeout={SECONDS_PER_INPUT}",
        f"-rss_limit_mb={MOST_MEGABYTES}", "-print_final_stats=1", "-close_fd_mask=0", "-seed=1", str(corpus), str(seeds),
    ]  # fmt: skip
    limits.insert(
        0,
        f"-max_total_time={max(1, round(budget.seconds))}"
        if budget.inputs is None
        else f"-runs={budget.inputs}",
    )
    log = folder / "log"
    with log.open("wb") as output:
        ended_with = subprocess.run(
            [str(PYTHON), "-m", "scripts.fuzz.one", name, str(KEPT / name), str(report), *limits],
            cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, check=False,
            timeout=None if budget.inputs else budget.seconds + START_SECONDS,
        ).returncode  # fmt: skip
    said = log.read_text(encoding="utf-8", errors="replace")
    executed = _EXECUTED.findall(said)
    crashes = [Crash(**found) for found in json.loads(report.read_text())] if report.exists() else []
    crashes += [_kept(name, file) for file in sorted(ended.iterdir()) if _ENDED.match(file.name)]
    if not executed or (ended_with and not crashes):
        crashes.append(
            Crash(
                f"the fuzzer of {name}",
                f"ended with status {ended_with}; its last words are in {log}",
                str(log),
            )
        )
    return Outcome(int(executed[-1]) if executed else 0, tuple(crashes))


def _kept(name: str, file: Path) -> Crash:
    """An input that took too long or too much, kept with the others."""
    data = file.read_bytes()
    (KEPT / name).mkdir(parents=True, exist_ok=True)
    kept = KEPT / name / hashlib.sha256(data).hexdigest()[:16]
    kept.write_bytes(data)
    why = file.name.partition("-")[0]
    return Crash(
        f"{why} in {name}", f"more than {SECONDS_PER_INPUT} s or {MOST_MEGABYTES} MB ({why})", str(kept)
    )


def _escaped(word: bytes) -> str:
    return "".join(chr(b) if 32 <= b < 127 and b not in b'"\\' else f"\\x{b:02x}" for b in word)
