"""All that an audit of one job knows: events that were read from the chain, and the headers of a few blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from eth_utils.crypto import keccak

from backend.domain import job as words
from backend.ports import ChainEvent

ENDS: Mapping[str, str] = {
    "JobSettled": words.SETTLED,
    "JobSettledByRoot": words.SETTLED,
    "JobFailed": words.FAILED,
    "JobCancelled": words.CANCELLED,
    "JobReclaimed": words.RECLAIMED,
}
HOW = {
    words.SETTLED: "was settled",
    words.FAILED: "failed",
    words.CANCELLED: "was cancelled",
    words.RECLAIMED: "was reclaimed",
}


@dataclass(frozen=True)
class JobHistory:
    """One job's market, up to block `head`.

    `events` are all events of JobEscrow and NodeStaking and the transfers of DMLToken from and to the escrow, in the order
    of the chain. `block_hashes` (0x hex) has the seed blocks of the job, `block_times` (Unix seconds) the blocks of its own
    events. `treasury` is the escrow's, which never changes.
    """

    job_id: str
    chain_id: int
    escrow: str
    head: int
    contest_window_s: int
    treasury: str
    events: tuple[ChainEvent, ...]
    block_hashes: Mapping[int, str]
    block_times: Mapping[int, int]

    @cached_property
    def own(self) -> tuple[ChainEvent, ...]:
        """The escrow's events that name this job."""
        return tuple(
            e for e in self.events if e.contract == "JobEscrow" and e.args.get("jobId") == self.job_id
        )

    @cached_property
    def end(self) -> ChainEvent | None:
        """How the job ended; None while it has not."""
        return next((e for e in self.own if e.name in ENDS), None)

    @property
    def status(self) -> str:
        """Where the events leave the job, in the escrow's words."""
        if self.end is not None:
            return ENDS[self.end.name]
        steps = (
            ("JobAssigned", words.ASSIGNED),
            ("TrainersChosen", words.DRAWING),
            ("JobOpened", words.OPEN),
        )
        return next((status for name, status in steps if self.first(name)), words.NONE)

    @property
    def fate(self) -> str:
        """How the job ended, as a verb."""
        return HOW.get(self.status, "has not ended")

    def named(self, *names: str) -> tuple[ChainEvent, ...]:
        """The job's own events of these kinds."""
        return tuple(e for e in self.own if e.name in names)

    def first(self, name: str) -> ChainEvent | None:
        """The job's first own event of this kind."""
        return next((e for e in self.own if e.name == name), None)

    def before(self, event: ChainEvent) -> tuple[ChainEvent, ...]:
        """Everything that happened before an event, in its block too."""
        return tuple(e for e in self.events if (e.block, e.log_index) < (event.block, event.log_index))

    def with_it(self, event: ChainEvent, contract: str, name: str) -> tuple[ChainEvent, ...]:
        """Events of this kind in the same transaction."""
        return tuple(e for e in self.events if e.tx == event.tx and (e.contract, e.name) == (contract, name))

    def time(self, event: ChainEvent) -> int:
        """When one of the job's own events happened, in Unix seconds."""
        return self.block_times[event.block]


def job_id_of(customer: str, ref: str) -> str:
    """`keccak256(abi.encode(customer, ref))`, 0x hex."""
    packed = int(customer, 16).to_bytes(32, "big") + int(ref, 16).to_bytes(32, "big")
    return "0x" + keccak(packed).hex()
