"""What the people in charge do with the deployed market, one function each.

    scripts/brownie/run.sh run scripts/admin.py show --network market
    scripts/brownie/run.sh run scripts/admin.py mint 0xAddress 250 --network market
    scripts/brownie/run.sh run scripts/admin.py set_commission 150 --network market
    scripts/brownie/run.sh run scripts/admin.py pause --network market
    scripts/brownie/run.sh run scripts/admin.py arbitrate 0xJobId 0xCulprit guilty --network market

Contracts are found in the deployments file (DEPLOYMENTS_FILE). Keys come from the environment:
DEPLOYER_PRIVATE_KEY for what the admin does, ARBITER_PRIVATE_KEY, MINTER_PRIVATE_KEY (default: the
deployer's).
"""

import os
from decimal import Decimal, InvalidOperation
from typing import Any

from brownie import Contract, accounts, network, web3  # type: ignore[import-not-found]

from scripts.brownie.receipts import wait_for_receipts
from scripts.deployments import deployments_path, read_deployments

WEI_PER_DML = 10**18
OUTCOMES = {"guilty": True, "innocent": False}


def mint(to: str, amount_dml: str) -> None:
    """Creates DML for an address; whole coins or a decimal fraction."""
    try:
        amount_wei = int(Decimal(amount_dml) * WEI_PER_DML)
    except InvalidOperation:
        raise SystemExit(f"{amount_dml!r} is not an amount of DML.") from None
    minter = _account("MINTER_PRIVATE_KEY", "DEPLOYER_PRIVATE_KEY")
    _contract("DMLToken").mint(to, amount_wei, {"from": minter})


def set_commission(bps: str) -> None:
    """Sets the commission of jobs opened from now on, in basis points."""
    _contract("JobEscrow").setCommission(int(bps), {"from": _account("DEPLOYER_PRIVATE_KEY")})


def pause() -> None:
    """Refuses new jobs; everything about existing ones stays possible."""
    _contract("JobEscrow").pause({"from": _account("DEPLOYER_PRIVATE_KEY")})


def unpause() -> None:
    """Takes new jobs again."""
    _contract("JobEscrow").unpause({"from": _account("DEPLOYER_PRIVATE_KEY")})


def arbitrate(job_id: str, culprit: str, outcome: str) -> None:
    """Decides a contested accusation: `guilty` slashes and bans, `innocent` frees the deposit."""
    if outcome not in OUTCOMES:
        raise SystemExit("The outcome is either guilty or innocent.")
    arbiter = _account("ARBITER_PRIVATE_KEY")
    _contract("JobEscrow").arbitrate(job_id, culprit, OUTCOMES[outcome], {"from": arbiter})


def show() -> None:
    """Prints the books: what is held, what is owed, who is registered."""
    token, staking, escrow = (_contract(name) for name in ("DMLToken", "NodeStaking", "JobEscrow"))
    held_wei = token.balanceOf(escrow)
    owed_wei = escrow.openFees() + escrow.totalCredits()
    deposits_wei = staking.balance()
    recorded_wei = staking.totalActive() + staking.totalUnbonding() + staking.totalSlashedUnclaimed()
    print(f"chain {web3.eth.chain_id}, block {web3.eth.block_number}")
    print(f"escrow   {escrow.address}{'  PAUSED' if escrow.paused() else ''}")
    print(f"  holds {_dml(held_wei)}, {_agree(held_wei, owed_wei)}")
    print(f"  open jobs {_dml(escrow.openFees())}, credits {_dml(escrow.totalCredits())}")
    print(f"  commission {escrow.commissionBps()} bps to {escrow.treasury()}")
    print(f"token    {token.address}  supply {_dml(token.totalSupply())} of {_dml(token.cap())}")
    print(f"staking  {staking.address}  deposits {deposits_wei} wei, {_agree(deposits_wei, recorded_wei)}")
    for provider in staking.providers():
        node = staking.node(provider)
        roles = "+".join(name for bit, name in ((1, "trainer"), (2, "validator")) if node["roles"] & bit)
        print(
            f"  {provider} {node['name']} {roles} deposit {node['deposit']} wei, rating {node['rating']} bps,"
            f" jobs {node['assignedJobs']}, accusations {node['frozen']}"
        )


def _agree(held_wei: int, owed_wei: int) -> str:
    if held_wei == owed_wei:
        return "books agree"
    return f"{held_wei - owed_wei} wei more than recorded" if held_wei > owed_wei else "BOOKS DO NOT AGREE"


def _dml(amount_wei: int) -> str:
    return f"{Decimal(amount_wei) / WEI_PER_DML:f} DML"


def _contract(name: str) -> Any:
    path = deployments_path(network.show_active())
    entry = read_deployments(path).get("market", {})
    if entry.get("chain_id") != web3.eth.chain_id:
        raise SystemExit(f"{path} names no market on chain {web3.eth.chain_id}: deploy first.")
    contract = entry["contracts"][name]
    return Contract.from_abi(name, contract["address"], contract["abi"], persist=False)


def _account(*names: str) -> Any:
    wait_for_receipts()
    for name in names:
        if key := os.environ.get(name):
            return accounts.add(key)
    raise SystemExit(f"{names[0]} is not set.")
