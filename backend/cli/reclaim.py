"""`ecodml reclaim ID_OR_RECEIPT`: the customer takes the fee back alone.
Nothing but the receipt and the chain is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from eth_account.signers.local import LocalAccount

from backend.cli.home import Receipt
from backend.cli.terminal import coins
from backend.errors import Conflict


@dataclass(frozen=True)
class EscrowedJob:
    """A job as the escrow has it, and the chain's own time, in Unix seconds."""

    status: str
    fee_wei: int
    deadline: int
    chain_time: int


class Escrow(Protocol):
    """The escrow on the market chain."""

    def job(self, job_id: str) -> EscrowedJob:
        """The job's record."""

    def reclaim(self, account: LocalAccount, job_id: str) -> str:
        """Take the fee back; the confirmed transaction's hash."""


REFUNDED = ("Failed", "Cancelled", "Reclaimed")


def reclaim(escrow: Escrow, account: LocalAccount, receipt: Receipt) -> dict[str, Any]:
    """Take the fee of an expired job back; Conflict where it has gone
    already or the deadline is still to come."""
    job = escrow.job(receipt.job_id)
    if job.status == "None":
        raise Conflict(
            "reclaim.not_paid", f"The escrow knows no job of ticket {receipt.ticket}: it was never paid."
        )
    if job.status == "Settled":
        raise Conflict(
            "reclaim.settled", f"Ticket {receipt.ticket} was settled: the nodes were paid for finished work."
        )
    if job.status in REFUNDED:
        raise Conflict(
            "reclaim.refunded",
            f"The fee of ticket {receipt.ticket} was given back already ({job.status.lower()}).",
        )
    if job.chain_time < job.deadline:
        wait_s = job.deadline - job.chain_time
        raise Conflict("reclaim.early", f"The fee can be taken back after the deadline, in {wait_s} seconds.")
    transaction = escrow.reclaim(account, receipt.job_id)
    return {
        "ticket": receipt.ticket,
        "job_id": receipt.job_id,
        "refund_wei": job.fee_wei,
        "transaction": transaction,
    }


def lines(taken: dict[str, Any]) -> list[str]:
    """A line for a person."""
    amount = coins(taken["refund_wei"])
    return [f"Took back {amount} of ticket {taken['ticket']} in transaction {taken['transaction']}."]
