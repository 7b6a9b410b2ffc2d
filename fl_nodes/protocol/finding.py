"""What an audit says about one promise: it holds, it does not, or it cannot be checked with what there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    NOT_CHECKABLE = "not-checkable"


@dataclass(frozen=True)
class Finding:
    """One check by name; `detail` has the values, `next_step` what a failure means or what would make it checkable."""

    name: str
    outcome: Outcome
    detail: str
    next_step: str = ""


def judged(name: str, problems: Sequence[str], fine: str, meaning: str) -> Finding:
    """Failed with all the problems and what they mean, else ok with what was found."""
    if problems:
        return Finding(name, Outcome.FAILED, " ".join(problems), meaning)
    return Finding(name, Outcome.OK, fine)


def unchecked(name: str, why: str, next_step: str = "") -> Finding:
    """Nothing to hold the promise against."""
    return Finding(name, Outcome.NOT_CHECKABLE, why, next_step)
