"""The market's books, printed for a person."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from backend.domain.job import STATUSES
from scripts.brownie.arguments import WEI_PER_DML
from scripts.brownie.market import Market

ROLES = ((1, "trainer"), (2, "validator"))


def show_market(market: Market) -> None:
    """What is held, what is owed, who is registered."""
    token, staking, escrow = market.token.functions, market.staking.functions, market.escrow.functions
    held_wei, open_wei, credits_wei = (
        token.balanceOf(market.escrow.address).call(),
        escrow.openFees().call(),
        escrow.totalCredits().call(),
    )
    deposits_wei = market.site.web3.eth.get_balance(market.staking.address)
    recorded_wei = sum(
        staking[total]().call() for total in ("totalActive", "totalUnbonding", "totalSlashedUnclaimed")
    )
    print(f"chain {market.site.chain_id}, block {market.site.web3.eth.block_number}")
    print(f"escrow   {market.escrow.address}{'  PAUSED' if escrow.paused().call() else ''}")
    print(f"  holds {dml(held_wei)}, {_agree(held_wei, open_wei + credits_wei)}")
    print(f"  open jobs {dml(open_wei)}, credits {dml(credits_wei)}")
    print(f"  commission {escrow.commissionBps().call()} bps to {escrow.treasury().call()}")
    print(
        f"token    {market.token.address}  supply {dml(token.totalSupply().call())} of {dml(token.cap().call())}"
    )
    print(
        f"staking  {market.staking.address}  deposits {deposits_wei} wei, {_agree(deposits_wei, recorded_wei)}"
    )
    for provider in staking.providers().call():
        node = staking.node(provider).call()
        roles = "+".join(name for bit, name in ROLES if node.roles & bit)
        print(
            f"  {provider} {node.name} {roles} deposit {node.deposit} wei, rating {node.rating} bps,"
            f" jobs {node.assignedJobs}, accusations {node.frozen}"
        )


def show_job(market: Market, job_id: str) -> None:
    """One job as the escrow holds it, and who is accused in it."""
    job, escrow = market.job(job_id), market.escrow.functions
    print(f"job      {job_id}")
    print(
        f"  {STATUSES[job.status]}, paid by {job.customer} in block {job.openedBlock}, until {_time(job.deadline)}"
    )
    print(f"  fee {dml(job.fee)}, commission {job.commissionBps} bps, rounds recorded below {job.nextRound}")
    if job.seedBlock:
        print(f"  validators drawn by block {job.seedBlock}, nodes {'free' if job.released else 'bound'}")
    culprits = escrow.culprits(job_id).call()
    if culprits:
        print(f"  slash possible from {_time(escrow.slashReadyAt(job_id).call())}")
    for culprit in culprits:
        print(f"  accused {culprit}: {market.accusation(job_id, culprit)}")
    if culprits:
        _show_evidence(job_id, culprits)
    for node in escrow.honest(job_id).call():
        print(f"  not accused {node}")


def _show_evidence(job_id: str, culprits: list[str]) -> None:
    print(f"  evidence: ecodml evidence {job_id} DIR --private-key-env ARBITER_PRIVATE_KEY")
    for culprit in culprits:
        print(f"  verify:   ecodml verify DIR/evidence-{culprit}.tar --deployments deployments.json")


def dml(amount_wei: int) -> str:
    """An exact amount, such as `0.13 DML`."""
    return f"{Decimal(amount_wei) / WEI_PER_DML:f} DML"


def _agree(held_wei: int, owed_wei: int) -> str:
    if held_wei == owed_wei:
        return "books agree"
    return f"{held_wei - owed_wei} wei more than recorded" if held_wei > owed_wei else "BOOKS DO NOT AGREE"


def _time(unix_s: int) -> str:
    return f"{datetime.fromtimestamp(unix_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
