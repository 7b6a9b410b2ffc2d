"""The deployed market, as the administrators' scripts act on it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account
from web3 import Web3
from web3.contract import Contract

from backend.adapters.chain.refusals import ACCUSATIONS, Refusals
from scripts.brownie.refused import Refused
from scripts.brownie.sender import Sender
from scripts.brownie.settings import private_key
from scripts.brownie.site import Site
from scripts.deployments import deployments_path, read_deployments

NEEDED = ("DMLToken", "NodeStaking", "JobEscrow")


@dataclass(frozen=True)
class Market:
    """The market's contracts on the chain that the script was pointed at."""

    site: Site
    contracts: Mapping[str, Contract]
    refusals: Refusals

    @property
    def token(self) -> Contract:
        """What customers pay with."""
        return self.contracts["DMLToken"]

    @property
    def staking(self) -> Contract:
        """Who holds the deposits."""
        return self.contracts["NodeStaking"]

    @property
    def escrow(self) -> Contract:
        """Who holds the fees."""
        return self.contracts["JobEscrow"]

    def sender(self, *names: str) -> Sender:
        """Who acts: the first of these keys that is in the environment; Refused when there is none."""
        return Sender(self.site, Account.from_key(private_key(os.environ, *names)), self.refusals)

    def act(self, sender: Sender, contract: Contract, function: str, *arguments: Any) -> None:
        """One transaction; Refused, with nothing sent, when it would fail."""
        if not self.site.local:
            print(f"{sender.address} pays for {function} on {self.site.network}", flush=True)
        sender.send(contract.address, contract.encode_abi(function, args=list(arguments)), function)

    def job(self, job_id: str) -> Any:
        """A job's record; Refused `admin.unknown_job`."""
        found = self.escrow.functions.job(job_id).call()
        if not found.status:
            raise Refused("admin.unknown_job", f"The escrow knows no job {job_id}.")
        return found

    def accusation(self, job_id: str, account: str) -> str:
        """Where an accusation stands, in a word."""
        return ACCUSATIONS[self.escrow.functions.accusation(job_id, account).call()]

    def holds_role(self, contract: Contract, role: str, account: str) -> bool:
        """Whether an account holds a role, by the role's name."""
        return bool(contract.functions.hasRole(contract.functions[role]().call(), account).call())


def market(site: Site) -> Market:
    """The market that the deployments file records for this chain; Refused when it is not there."""
    path = deployments_path(site.network)
    entry = read_deployments(path).get("market", {})
    if entry.get("chain_id") != site.chain_id:
        raise Refused("admin.no_market", f"{path} names no market on chain {site.chain_id}: deploy first.")
    recorded = entry["contracts"]
    contracts = {name: _contract(site, name, recorded, path) for name in NEEDED}
    return Market(site, contracts, Refusals(at["abi"] for at in recorded.values()))


def _contract(site: Site, name: str, recorded: Mapping[str, Any], path: Path) -> Contract:
    if name not in recorded:
        raise Refused("admin.no_market", f"{path} names no {name}: deploy first.")
    at = recorded[name]
    if not site.web3.eth.get_code(Web3.to_checksum_address(at["address"])):
        raise Refused(
            "admin.no_market",
            f"There is no {name} at {at['address']} on chain {site.chain_id}: deploy first.",
        )
    return site.contract(at["address"], at["abi"])
