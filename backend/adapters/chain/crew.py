"""Who works on a job, from its events: the escrow itself keeps only a hash of their names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from web3.contract import Contract

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.past import newest_event
from backend.errors import Conflict, Recoverable


@dataclass(frozen=True)
class Crew:
    """A job's trainers, ascending, and, once they are drawn, its validators with their keys; all checksummed."""

    trainers: tuple[str, ...]
    validators: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def judges(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The validators and their keys, as the escrow takes them (its `Crew`)."""
        return self.validators, self.keys


def crew_of(connection: Connection, escrow: Contract, job: bytes) -> Crew:
    """Conflict `chain.rejected` for a job without trainers, Recoverable `chain.behind` while its events are missing."""
    record = escrow.functions.job(job).call()
    if not record.seedBlock:
        raise Conflict("chain.rejected", f"Job 0x{job.hex()} never had trainers.")
    for name in ("JobAssigned", "TrainersChosen"):
        found = newest_event(connection, escrow.events[name](), record.openedBlock, {"jobId": job})
        if found is not None:
            said: dict[str, Any] = dict(found["args"])
            judges = said.get("validators", ()), said.get("validatorKeys", ())
            return Crew(tuple(said["trainers"]), *map(tuple, judges))
    raise Recoverable("chain.behind", f"The market chain does not tell yet who works on job 0x{job.hex()}.")
