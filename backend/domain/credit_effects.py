"""What a ticket has done about Eco Credits on the carbon chain, and what it hears of them."""

from __future__ import annotations

from dataclasses import dataclass

from backend.domain.decision import Decision
from fl_nodes.protocol.credit_baseline import CreditBaseline


def baseline_key(ticket_id: str) -> str:
    """The key of a ticket's `FixBaseline`."""
    return f"{ticket_id}/baseline"


@dataclass(frozen=True)
class FixBaseline:
    """Fix what the job's credits are measured against; moot once the job runs, for then it comes too late."""

    ticket_id: str
    job_id: str
    baseline: CreditBaseline

    @property
    def key(self) -> str:
        """Idempotency key: a job has one baseline, whatever is decided about it later."""
        return baseline_key(self.ticket_id)


@dataclass(frozen=True)
class IssueCredits:
    """Issue the credits that an epoch of the energy ledger claims for the job, once its window is over."""

    ticket_id: str
    job_id: str
    epoch: int

    @property
    def key(self) -> str:
        """Idempotency key: a job that the chain takes out of one epoch may come into another."""
        return f"{self.ticket_id}/credits/{self.epoch}"


@dataclass(frozen=True)
class FixedBaseline:
    """A baseline as the carbon chain has it, and since when (Unix seconds)."""

    baseline: CreditBaseline
    fixed_at: int
    tx: str


@dataclass(frozen=True)
class IssuedCredit:
    """A credit as the carbon chain issued it: `id` (hex) is of its month (`2026-11`) and zone, `serial` of job, round and node."""

    node: str
    round: int
    zone: str
    vintage: str
    id: str
    micrograms: int
    serial: str
    tx: str


def baseline_of(job_id: str, decision: Decision | None) -> CreditBaseline | None:
    """What a decision's counterfactual fixes for a job; None where it says nothing."""
    if decision is None:
        return None
    one, node_rounds = decision.baseline, decision.rounds * decision.asked
    if not (one.millijoules and one.micrograms and one.hour_millijoules and node_rounds):
        return None
    return CreditBaseline(
        job=job_id,
        millijoules=one.millijoules,
        micrograms=one.micrograms,
        hour_millijoules=one.hour_millijoules,
        node_rounds=node_rounds,
        decision="0x" + decision.hash().removeprefix("0x"),
    )
