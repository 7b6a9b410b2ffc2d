"""The named points of a job: before or after the n-th call of a method by which a process reaches the world.

Standard library only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

BEFORE, AFTER = "before", "after"
_POINT = re.compile(
    r"(?P<method>[A-Za-z0-9_]+\.[A-Za-z0-9_]+)(/(?P<what>[A-Za-z0-9_]+))?:(?P<side>before|after)(:(?P<nth>[1-9][0-9]*))?"
)


@dataclass(frozen=True)
class Point:
    """`method` is `Class.method`, `what` what it is called about (`Settle`), any if empty; `nth` counts from one."""

    method: str
    what: str
    side: str
    nth: int = 1

    def __str__(self) -> str:
        """As it is read: `Web3Market.carry_out/Settle:before:1`."""
        return f"{self.name}:{self.side}:{self.nth}"

    @property
    def name(self) -> str:
        """Without side and number."""
        return f"{self.method}/{self.what}" if self.what else self.method

    @classmethod
    def read(cls, text: str) -> Point:
        """ValueError for what is no point; the number may be left out."""
        found = _POINT.fullmatch(text)
        if found is None:
            raise ValueError(
                f"{text!r} is no point; one is written like MongoTickets.advance/Selected:after:1"
            )
        return cls(found["method"], found["what"] or "", found["side"], int(found["nth"] or 1))

    def matches(self, method: str, what: str, side: str) -> bool:
        """Whether a crossing is one of those that this point counts."""
        return (method, side) == (self.method, self.side) and self.what in ("", what)
