"""What both chains say of one job, event by event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from backend.ports.market import ChainEvent


@dataclass(frozen=True)
class JobEvent:
    """An event of `chain` (`market` or `carbon`) and the time of its block, in Unix seconds."""

    chain: str
    event: ChainEvent
    at: int


@dataclass(frozen=True)
class JobEventsRead:
    """A job's events as they happened; by chain the last block that was read, and whether that is all there is."""

    events: tuple[JobEvent, ...]
    blocks: Mapping[str, int]
    complete: bool = True


class JobEvents(Protocol):
    """Both chains, asked about one job at a time."""

    def of(self, job_id: str, transactions: Sequence[str] = ()) -> JobEventsRead:
        """The confirmed events that name the job (0x hex), and what else moved money or deposits in the same transactions and in
        `transactions`, market transactions that are known to belong to it. NotFound `job.unknown`, Recoverable while a chain does
        not answer.
        """
