"""Deploys the contracts of one chain and records them with their ABIs.

    scripts/brownie/run.sh run scripts/deploy.py --network market
    scripts/brownie/run.sh run scripts/deploy.py --network carbon
    scripts/brownie/run.sh run scripts/deploy.py carbon --network amoy

Running it again does what is not done yet and sends nothing when all is. docs/admin.md lists the environment
variables it reads.
"""

import os
from dataclasses import asdict
from typing import Any

from brownie import (  # type: ignore[import-not-found]
    CarbonCredit,
    DMLToken,
    EnergyLedger,
    GreenCertificate,
    GreenVerifier,
    JobEscrow,
    LocalFaucet,
    NodeStaking,
    Publications,
    network,
)
from eth_account import Account

from backend.adapters.chain.refusals import Refusals
from scripts.brownie.deployment import Built, Deployment, only_one
from scripts.brownie.green import circuit_keys, deploy_green, verifiers
from scripts.brownie.sender import Sender
from scripts.brownie.settings import MarketSettings, ledger_settings, market_settings, private_key
from scripts.brownie.site import Site, command, site
from scripts.deployments import deployments_path

FAUCET_CAP_WEI = 10_000 * 10**18
NOBODY = "0x" + "0" * 40


@command
def main() -> None:
    """Deploys the part named like the network: `carbon` the carbon chain's, any other the market's."""
    if network.show_active() == "carbon":
        carbon()
    else:
        market()


@command
def market() -> None:
    """Deploys token, staking, escrow and, on local chains only, the faucet."""
    here = site()
    deployer = Account.from_key(private_key(os.environ, "DEPLOYER_PRIVATE_KEY"))
    admin = str(deployer.address)
    settings = market_settings(os.environ, admin, here.local)
    print(f"market on {here.network} (chain {here.chain_id}), paid by {admin}")
    for name, value in asdict(settings).items():
        print(f"  {name} {'nobody' if value is None else value}", flush=True)
    path = deployments_path(here.network)
    with only_one(path):
        built = _built(DMLToken, NodeStaking, JobEscrow, LocalFaucet)
        _market(
            Deployment(here, "market", path, _sender(here, deployer, built), built), here, admin, settings
        )


@command
def carbon() -> None:
    """Deploys the energy ledger, credits over it, the list of published trainings and, with CIRCUITS_DIR, green certificates."""
    here = site()
    deployer = Account.from_key(private_key(os.environ, "DEPLOYER_PRIVATE_KEY"))
    settings = ledger_settings(os.environ, here.local)
    keys = circuit_keys(os.environ)
    print(f"carbon on {here.network} (chain {here.chain_id}), paid by {deployer.address}", flush=True)
    for name, value in asdict(settings).items():
        print(f"  {name} {value}", flush=True)
    path = deployments_path(here.network)
    with only_one(path):
        built = _built(EnergyLedger, CarbonCredit, Publications, GreenCertificate, GreenVerifier)
        built |= verifiers(built.pop("GreenVerifier"))
        deployment = Deployment(here, "carbon", path, _sender(here, deployer, built), built)
        times = settings.challenge_s, settings.proposer_s, settings.recovery_s
        ledger = deployment.contract(
            "EnergyLedger", deployer.address, settings.keeper, settings.arbiter, *times
        )
        deployment.require(ledger, "challengeSeconds", settings.challenge_s, "CHALLENGE_SECONDS")
        deployment.require(ledger, "proposerSeconds", settings.proposer_s, "PROPOSER_SECONDS")
        deployment.require(ledger, "recoverySeconds", settings.recovery_s, "RECOVERY_SECONDS")
        deployment.require_role(ledger, "KEEPER_ROLE", settings.keeper, "KEEPER_ADDRESS")
        deployment.require_role(ledger, "ARBITER_ROLE", settings.arbiter, "ARBITER_ADDRESS")
        operator = settings.keeper
        credit = deployment.contract("CarbonCredit", ledger.address, deployer.address, operator)
        deployment.require(credit, "ledger", ledger.address, "the record")
        deployment.require_role(credit, "OPERATOR_ROLE", operator, "KEEPER_ADDRESS")
        publisher = settings.keeper
        publications = deployment.contract("Publications", deployer.address, publisher)
        deployment.require_role(publications, "PUBLISHER_ROLE", publisher, "KEEPER_ADDRESS")
        if keys is not None:
            deploy_green(deployment, ledger, keys)
        deployment.finish()


def _market(deployment: Deployment, here: Site, admin: str, settings: MarketSettings) -> None:
    token = deployment.contract("DMLToken", admin)

    staking = deployment.contract("NodeStaking", admin, settings.min_deposit_wei, settings.unbonding_s)
    deployment.require(staking, "minDeposit", settings.min_deposit_wei, "MIN_DEPOSIT_WEI")
    deployment.require(staking, "unbondingPeriod", settings.unbonding_s, "UNBONDING_SECONDS")

    escrow = deployment.contract(
        "JobEscrow",
        token.address,
        staking.address,
        admin,
        settings.operator,
        settings.arbiter,
        settings.treasury,
        settings.commission_bps,
        settings.contest_s,
    )
    deployment.require(escrow, "token", token.address, "the record")
    deployment.require(escrow, "staking", staking.address, "the record")
    deployment.require(escrow, "contestWindow", settings.contest_s, "CONTEST_SECONDS")
    deployment.require_role(escrow, "OPERATOR_ROLE", settings.operator, "OPERATOR_ADDRESS")
    deployment.require_role(escrow, "ARBITER_ROLE", settings.arbiter, "ARBITER_ADDRESS")

    deployment.ensure(staking.functions.escrow().call() != NOBODY, staking, "setEscrow", escrow.address)
    deployment.require(staking, "escrow", escrow.address, "the record")
    deployment.ensure_role(token, "MINTER_ROLE", settings.minter)
    if settings.rater:
        deployment.ensure_role(staking, "RATER_ROLE", settings.rater)
    if here.local:
        faucet = deployment.contract("LocalFaucet", token.address, FAUCET_CAP_WEI)
        deployment.require(faucet, "token", token.address, "the record")
        deployment.ensure_role(token, "MINTER_ROLE", faucet.address)
    deployment.finish()


def _sender(here: Site, account: Any, built: dict[str, Built]) -> Sender:
    return Sender(here, account, Refusals(contract.abi for contract in built.values()))


def _built(*containers: Any) -> dict[str, Built]:
    return {
        container._name: Built(
            container._name,
            container.abi,
            container.bytecode,
            bytes.fromhex(container._build["deployedBytecode"].removeprefix("0x")),
        )
        for container in containers
    }
