"""Taking the fee back without an operator."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_account import Account

from backend.cli.reclaim import EscrowedJob, reclaim
from backend.errors import Conflict

from .test_home import RECEIPT

pytestmark = pytest.mark.unit

EXPIRED = EscrowedJob("Assigned", 7, 100, 100)


class Escrow:
    """An escrow with one job."""

    def __init__(self, job: EscrowedJob) -> None:
        self.held = job
        self.reclaimed: list[str] = []

    def job(self, job_id: str) -> EscrowedJob:
        assert job_id == RECEIPT.job_id
        return self.held

    def reclaim(self, account: Any, job_id: str) -> str:
        self.reclaimed.append(job_id)
        return "0xback"


@pytest.mark.parametrize("status", ["Open", "Assigned"])
def test_reclaim__deadline_passed__takes_the_fee_back(status: str) -> None:
    escrow = Escrow(replace(EXPIRED, status=status))
    taken = reclaim(escrow, Account.create(), RECEIPT)
    assert (taken["refund_wei"], taken["transaction"]) == (7, "0xback")


@pytest.mark.parametrize(
    ("job", "code"),
    [
        (replace(EXPIRED, chain_time=99), "reclaim.early"),
        (replace(EXPIRED, status="None"), "reclaim.not_paid"),
        (replace(EXPIRED, status="Settled"), "reclaim.settled"),
        (replace(EXPIRED, status="Failed"), "reclaim.refunded"),
        (replace(EXPIRED, status="Reclaimed"), "reclaim.refunded"),
    ],
)
def test_reclaim__nothing_to_take__sends_nothing_and_says_why(job: EscrowedJob, code: str) -> None:
    escrow = Escrow(job)
    with pytest.raises(Conflict) as refused:
        reclaim(escrow, Account.create(), RECEIPT)
    assert refused.value.code == code
    assert escrow.reclaimed == []
