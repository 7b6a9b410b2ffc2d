"""How the administrators' scripts say no."""

from __future__ import annotations


class Refused(SystemExit):
    """Ends a script with one sentence and its code on stderr, and status 1."""

    def __init__(self, reason: str, sentence: str) -> None:
        super().__init__(f"{sentence} [{reason}]")
        self.reason = reason
