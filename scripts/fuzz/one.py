"""Fuzz one parser until libFuzzer's limits are reached; runs in the environment that has atheris.

A crash does not end it: the input is kept under its parser's name, once for each place in the code, and the next one is tried.
What it found goes to a JSON file; what takes too long or too much memory ends the process, and libFuzzer keeps the input.
"""

from __future__ import annotations

import hashlib
import json
import sys
import traceback
from pathlib import Path

import atheris

from scripts.fuzz.target import Judge

WATCHED = ["backend", "fl_nodes", "siwe", "safetensors", "itsdangerous", "tarfile", "zipfile"]


class Trial:
    """Gives inputs to a parser and keeps those that break it."""

    def __init__(self, judge: Judge, kept: Path, report: Path) -> None:
        self._judge = judge
        self._kept = kept
        self._report = report
        self._found: dict[str, dict[str, str]] = {}

    def __call__(self, data: bytes) -> None:
        """Try one input."""
        try:
            self._judge(data)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is looked for
            self._keep(data, error)

    def _keep(self, data: bytes, error: Exception) -> None:
        where = place(error)
        if where in self._found:
            return
        self._kept.mkdir(parents=True, exist_ok=True)
        file = self._kept / hashlib.sha256(data).hexdigest()[:16]
        file.write_bytes(data)
        said = f"{type(error).__name__}: {error}"[:500]
        self._found[where] = {"where": where, "said": said, "input": str(file)}
        self._report.write_text(json.dumps(list(self._found.values())), encoding="utf-8")
        traceback.print_exception(error, file=sys.stderr)


def place(error: BaseException) -> str:
    """Where in our code it broke, and how."""
    ours = [
        f
        for f in traceback.extract_tb(error.__traceback__)
        if "/backend/" in f.filename or "/fl_nodes/" in f.filename
    ]
    frame = (ours or traceback.extract_tb(error.__traceback__))[-1]
    said = str(error) if isinstance(error, AssertionError) else ""
    return f"{type(error).__name__} in {frame.name} ({Path(frame.filename).name}:{frame.lineno}) {said[:60]}".strip()


def main() -> None:
    """PARSER KEPT-FOLDER REPORT-FILE, then libFuzzer's own arguments."""
    name, kept, report, *limits = sys.argv[1:]
    with atheris.instrument_imports(include=WATCHED):
        from scripts.fuzz.targets import load

        target = load(name)
        judge = target.open()
    atheris.Setup([sys.argv[0], *limits], Trial(judge, Path(kept), Path(report)))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
