"""A job's events in memory: what was told, each as it is told in a transaction of its own unless it says otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from backend.errors import NotFound
from backend.ports import ChainEvent, JobEvent, JobEventsRead


@dataclass
class MemoryJobEvents:
    """`ports.JobEvents`; `told` is everything that happened, on both chains."""

    told: list[JobEvent] = field(default_factory=list)

    def tell(self, chain: str, event: ChainEvent, at: int) -> None:
        """It happened."""
        self.told.append(JobEvent(chain, event, at))

    def of(self, job_id: str, transactions: Sequence[str] = ()) -> JobEventsRead:
        """As the port says."""
        named = [e for e in self.told if job_id in (e.event.args.get("jobId"), e.event.args.get("job"))]
        if not any(e.event.name == "JobOpened" for e in named):
            raise NotFound("job.unknown", f"The escrow knows no job {job_id}.")
        moving = {e.event.tx for e in named if e.chain == "market"} | set(transactions)
        events = sorted(
            (e for e in self.told if e in named or (e.chain == "market" and e.event.tx in moving)),
            key=lambda e: (e.at, e.chain != "market", e.event.block, e.event.log_index),
        )
        blocks: dict[str, int] = {}
        for e in self.told:
            blocks[e.chain] = max(blocks.get(e.chain, 0), e.event.block)
        return JobEventsRead(tuple(events), blocks)
