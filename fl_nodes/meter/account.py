"""What a node's energy is booked under: a use, and for a job which job, round and step of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Use(StrEnum):
    """The three parts of a node's total."""

    JOB = "job"
    IDLE = "idle"
    CHAIN = "chain"


@dataclass(frozen=True)
class Account:
    """`what` is the step: train, setup, reveal, score, replay, benchmark; or a signature, a verdict; or what idles."""

    use: Use
    what: str = ""
    job: str = ""
    round: int = 0

    def step(self, what: str) -> Account:
        """The same work's step `what`; of nothing in particular where this is no job."""
        return replace(self, what=what) if self.use is Use.JOB else Account(Use.JOB, what)

    def chain(self, what: str) -> Account:
        """Chain work on the same job's account."""
        return replace(self, use=Use.CHAIN, what=what)


WAITING = Account(Use.IDLE, "waiting")
"""The process with nothing to do: its connection, its heartbeat, the memory it holds."""

RESERVED = Account(Use.IDLE, "reserved")
"""The machine's part that is kept for this node, as far as its process does not use it."""

_STEPS = {"validate": "score"}
_CHAIN_TASKS = {"sign_verdict": "verdict", "seal_epoch": "epoch", "sign_checkpoint": "checkpoint"}


def account_of(task: str, payload: Mapping[str, Any]) -> Account:
    """The account of a task by its kind's name: deciding and signing for the chain is chain work, the rest is the job's."""
    parts = payload.get("parts") or [{}]
    job = str(
        payload.get("job_id") or (parts[0].get("job_id") if isinstance(parts[0], Mapping) else "") or ""
    )
    number = payload.get("round")
    step = _CHAIN_TASKS.get(task) or _STEPS.get(task, task)
    return Account(
        Use.CHAIN if task in _CHAIN_TASKS else Use.JOB, step, job, number if isinstance(number, int) else 0
    )
