"""Reading the market chain for the report: balances, credits and events,
from any node of the chain, without a key."""

from __future__ import annotations

from typing import Any

from web3 import HTTPProvider, Web3
from web3.contract import Contract


class Market:
    """The market chain as deployed: `contracts` maps a name to its address, ABI and block."""

    def __init__(self, rpc_url: str, contracts: dict[str, Any]) -> None:
        self.web3 = Web3(HTTPProvider(rpc_url))
        self._contracts = contracts

    def contract(self, name: str) -> Contract:
        """A contract by name."""
        deployed = self._contracts[name]
        return self.web3.eth.contract(
            address=Web3.to_checksum_address(deployed["address"]), abi=deployed["abi"]
        )

    def dml_wei(self, account: str) -> int:
        """DML held by an account, without its credit."""
        return int(self.contract("DMLToken").functions.balanceOf(account).call())

    def credit_wei(self, account: str) -> int:
        """DML an account can withdraw from the escrow."""
        return int(self.contract("JobEscrow").functions.credit(account).call())

    def native_wei(self, account: str) -> int:
        """Native coin of an account, with what it can withdraw of slashed deposits."""
        credit = int(self.contract("NodeStaking").functions.credit(account).call())
        return int(self.web3.eth.get_balance(Web3.to_checksum_address(account))) + credit

    def treasury(self) -> str:
        """Where commissions go."""
        return str(self.contract("JobEscrow").functions.treasury().call())

    def banned(self, account: str) -> bool:
        """Whether a provider is banned for life."""
        return bool(self.contract("NodeStaking").functions.isBanned(account).call())

    def now(self) -> int:
        """The newest block's time, Unix seconds."""
        return int(self.web3.eth.get_block("latest")["timestamp"])

    def events(self, contract: str, name: str, **arguments: Any) -> list[dict[str, Any]]:
        """Arguments of all events of that name; `arguments` filters indexed ones."""
        event = self.contract(contract).events[name]
        logs = event.get_logs(from_block=self._contracts[contract]["block"], argument_filters=arguments)
        return [dict(log["args"]) for log in logs]

    def slashes(self, job_id: str) -> list[dict[str, Any]]:
        """The deposits taken for a job: culprit, amount, honest, shares."""
        return self.events("JobEscrow", "SlashFinalized", jobId=job_id)
