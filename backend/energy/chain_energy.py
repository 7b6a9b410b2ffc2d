"""What the chains take for a job: its transactions on both, at so much for each. They run somewhere: the world's average emits."""

from __future__ import annotations

from backend.domain.ticket import Ticket
from backend.energy.world_average import WORLD_MG_PER_KWH
from fl_nodes.protocol.reading import micrograms

OF_EVERY_JOB = 7
"""Opened, assigned, drawn, ended; baseline fixed, epoch sealed, credits issued. An epoch of several jobs is counted for each."""


def job_transactions(ticket: Ticket) -> int:
    """How many transactions a job has on both chains: each round is published, each payee paid."""
    payees = len(ticket.verdict.payees) if ticket.verdict else 0
    return OF_EVERY_JOB + len(ticket.rounds) + payees


def chain_micrograms(ticket: Ticket, transaction_millijoules: int) -> int:
    """What that emits, in µgCO2e, rounded up."""
    return micrograms(job_transactions(ticket) * transaction_millijoules, WORLD_MG_PER_KWH)
