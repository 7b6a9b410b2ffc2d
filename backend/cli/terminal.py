"""What a command prints: one JSON document on stdout with `--json`, else lines for a person;
progress goes elsewhere."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TextIO

WEI = 10**18


@dataclass
class Terminal:
    """Where a command's words go. With `as_json`, stdout carries exactly one
    document and everything else is on stderr."""

    as_json: bool = False
    out: TextIO = field(default_factory=lambda: sys.stdout)
    err: TextIO = field(default_factory=lambda: sys.stderr)

    def say(self, text: str) -> None:
        """A line of the story."""
        print(text, file=self.err if self.as_json else self.out, flush=True)

    def progress(self, text: str) -> None:
        """A line that replaces itself; only where someone watches."""
        if self.err.isatty():
            print(f"\r\x1b[2K{text}", end="", file=self.err, flush=True)

    def progress_done(self) -> None:
        """Leave the progress line."""
        if self.err.isatty():
            print("\r\x1b[2K", end="", file=self.err, flush=True)

    def finish(self, document: dict[str, Any], lines: Iterable[str] = ()) -> None:
        """The command's result: the document with `--json`, else the lines."""
        if self.as_json:
            print(json.dumps(document, indent=2, sort_keys=True), file=self.out, flush=True)
            return
        for line in lines:
            print(line, file=self.out, flush=True)

    def complain(self, code: str, message: str) -> None:
        """The command's refusal, as document or sentence."""
        if self.as_json:
            self.finish({"error": {"code": code, "message": message}})
        else:
            print(f"{message} [{code}]", file=self.err, flush=True)


def coins(wei: int, unit: str = "DML") -> str:
    """An exact amount for a person, such as `0.13 DML`."""
    return f"{Decimal(wei) / WEI:f} {unit}"
