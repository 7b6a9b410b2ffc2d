"""Deploys the contracts of one chain and records them with their ABIs.

    scripts/brownie/run.sh run scripts/deploy.py --network market
    scripts/brownie/run.sh run scripts/deploy.py --network carbon
    scripts/brownie/run.sh run scripts/deploy.py carbon --network amoy

Settings come from the environment: DEPLOYER_PRIVATE_KEY, OPERATOR_ADDRESS, TREASURY_ADDRESS,
ARBITER_ADDRESS, MIN_DEPOSIT_WEI, UNBONDING_SECONDS, CONTEST_SECONDS (the last three have defaults on local
chains); optional MINTER_ADDRESS (default: the deployer), RATER_ADDRESS (default: nobody), RECORDER_ADDRESS
(default: the operator), COMMISSION_BPS, PUBLIC_RPC_URL, DEPLOYMENTS_FILE. Running it again keeps what is
there.
"""

import os
from dataclasses import dataclass
from typing import Any

from brownie import (  # type: ignore[import-not-found]
    DMLToken,
    EnergyLedger,
    JobEscrow,
    LocalFaucet,
    NodeStaking,
    accounts,
    network,
    web3,
)

from scripts.brownie.receipts import wait_for_receipts
from scripts.deployments import LOCAL_CHAIN_IDS, deployments_path, merge_deployment, read_deployments

FAUCET_CAP_WEI = 10_000 * 10**18
LOCAL_DEFAULTS = {"MIN_DEPOSIT_WEI": 10**17, "UNBONDING_SECONDS": 60, "CONTEST_SECONDS": 8}


@dataclass(frozen=True)
class MarketSettings:
    operator: str
    treasury: str
    arbiter: str
    minter: str
    rater: str | None
    min_deposit_wei: int
    unbonding_s: int
    contest_s: int
    commission_bps: int


def main() -> None:
    """Deploys the part named like the network: `carbon` the carbon chain's, any other the market's."""
    if network.show_active() == "carbon":
        carbon()
    else:
        market()


def market() -> None:
    """Deploys token, staking, escrow and, on local chains only, the faucet."""
    local = web3.eth.chain_id in LOCAL_CHAIN_IDS
    names = ["DMLToken", "NodeStaking", "JobEscrow", *(["LocalFaucet"] if local else [])]
    if _kept("market", names):
        return
    admin = _deployer()
    settings = _market_settings(str(admin.address), local)

    sender = {"from": admin}
    token = DMLToken.deploy(admin, sender)
    staking = NodeStaking.deploy(admin, settings.min_deposit_wei, settings.unbonding_s, sender)
    escrow = JobEscrow.deploy(
        token,
        staking,
        admin,
        settings.operator,
        settings.arbiter,
        settings.treasury,
        settings.commission_bps,
        settings.contest_s,
        sender,
    )
    staking.grantRole(staking.ESCROW_ROLE(), escrow, sender)
    token.grantRole(token.MINTER_ROLE(), settings.minter, sender)
    if settings.rater:
        staking.grantRole(staking.RATER_ROLE(), settings.rater, sender)
    deployed = [token, staking, escrow]
    if local:
        faucet = LocalFaucet.deploy(token, FAUCET_CAP_WEI, sender)
        token.grantRole(token.MINTER_ROLE(), faucet, sender)
        deployed.append(faucet)
    _record("market", deployed)


def carbon() -> None:
    """Deploys the energy ledger."""
    if _kept("carbon", ["EnergyLedger"]):
        return
    admin = _deployer()
    recorder = os.environ.get("RECORDER_ADDRESS") or _required("OPERATOR_ADDRESS")
    _record("carbon", [EnergyLedger.deploy(admin, recorder, {"from": admin})])


def _market_settings(deployer: str, local: bool) -> MarketSettings:
    settings = MarketSettings(
        operator=_required("OPERATOR_ADDRESS"),
        treasury=_required("TREASURY_ADDRESS"),
        arbiter=_required("ARBITER_ADDRESS"),
        minter=os.environ.get("MINTER_ADDRESS") or deployer,
        rater=os.environ.get("RATER_ADDRESS") or None,
        min_deposit_wei=_integer("MIN_DEPOSIT_WEI", local),
        unbonding_s=_integer("UNBONDING_SECONDS", local),
        contest_s=_integer("CONTEST_SECONDS", local),
        commission_bps=int(os.environ.get("COMMISSION_BPS") or 200),
    )
    others = {deployer, settings.minter, settings.arbiter, settings.treasury, settings.rater}
    if settings.operator.lower() in {address.lower() for address in others if address}:
        raise SystemExit("OPERATOR_ADDRESS must hold no other role: it may not mint, slash or earn fees.")
    return settings


def _required(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise SystemExit(f"{name} is not set.")
    return value


def _integer(name: str, local: bool) -> int:
    if local and not os.environ.get(name):
        return LOCAL_DEFAULTS[name]
    return int(_required(name))


def _deployer() -> Any:
    wait_for_receipts()
    return accounts.add(_required("DEPLOYER_PRIVATE_KEY"))


def _kept(part: str, names: list[str]) -> bool:
    path = deployments_path(network.show_active())
    entry = read_deployments(path).get(part, {})
    if entry.get("chain_id") != web3.eth.chain_id:
        return False
    contracts = entry.get("contracts", {})
    if any(name not in contracts or not web3.eth.get_code(contracts[name]["address"]) for name in names):
        return False
    print(f"{part}: already deployed, kept as recorded in {path}")
    for name in names:
        print(f"  {name} {contracts[name]['address']}")
    return True


def _record(part: str, deployed: list[Any]) -> None:
    chain_id = web3.eth.chain_id
    # The URL of a public chain may hold an API key; only one that was declared public is recorded.
    local = chain_id in LOCAL_CHAIN_IDS
    rpc_url = web3.provider.endpoint_uri if local else os.environ.get("PUBLIC_RPC_URL", "")
    path = deployments_path(network.show_active())
    entry = {
        "chain_id": chain_id,
        "rpc_url": rpc_url,
        "contracts": {
            contract._name: {
                "address": str(contract.address),
                "block": int(contract.tx.block_number),
                "abi": contract.abi,
            }
            for contract in deployed
        },
    }
    merge_deployment(path, part, entry)
    print(f"{part}: recorded in {path}")
    for name, contract in entry["contracts"].items():
        print(f"  {name} {contract['address']} (block {contract['block']})")
