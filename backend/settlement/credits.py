"""Who can withdraw what from the escrow, added up from its events alone: no event of the contract says it in one word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from backend.ports import ChainEvent


@dataclass(frozen=True)
class Owed:
    """DML wei by account, less what was withdrawn, also where that leaves nothing; and the wei of jobs settled by
    root that nobody has claimed yet."""

    by_account: Mapping[str, int]
    unclaimed_wei: int


def owed(events: Iterable[ChainEvent], treasury: str) -> Owed:
    """What follows from all events of the escrow, in order. Commissions go to the `treasury`."""
    accounts: Counter[str] = Counter()
    fees: dict[str, tuple[str, int]] = {}
    unclaimed = 0
    for event in events:
        said = event.args
        match event.name:
            case "JobOpened":
                fees[said["jobId"]] = said["customer"], said["fee"]
            case "JobSettled":
                accounts[treasury] += said["commission"]
                for payee, wei in zip(said["payees"], said["amounts"], strict=True):
                    accounts[payee] += wei
            case "JobSettledByRoot":
                accounts[treasury] += said["commission"]
                unclaimed += fees[said["jobId"]][1] - said["commission"]
            case "PayoutClaimed":
                accounts[said["payee"]] += said["amount"]
                unclaimed -= said["amount"]
            case "UnclaimedReturned":
                accounts[said["customer"]] += said["amount"]
                unclaimed -= said["amount"]
            case "JobFailed" | "JobCancelled":
                accounts[fees[said["jobId"]][0]] += said["refund"]
            case "Withdrawn":
                accounts[said["account"]] -= said["amount"]
    return Owed(dict(accounts), unclaimed)
