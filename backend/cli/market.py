"""The customer's dealings with the market chain, over the chain's adapter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from eth_account.signers.local import LocalAccount

from backend.adapters.chain import customer
from backend.cli.home import Receipt
from backend.cli.purchase import Purse
from backend.cli.reclaim import EscrowedJob


@dataclass(frozen=True)
class Market:
    """A market chain by its RPC URL and the addresses of escrow and token."""

    rpc_url: str
    chain_id: int
    contracts: Mapping[str, Any]

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Market:
        """The market that an API works on, as GET /api/config names it."""
        market = config["market"]
        return cls(market["rpc_url"], market["chain_id"], market["contracts"])

    @classmethod
    def from_receipt(cls, receipt: Receipt) -> Market:
        """The market that a receipt names: no API is asked."""
        contracts = {"JobEscrow": {"address": receipt.escrow}, "DMLToken": {"address": receipt.token}}
        return cls(receipt.rpc_url, receipt.chain_id, contracts)

    def purse(self, address: str) -> Purse:
        """What the account holds."""
        token = self.contracts["DMLToken"]["address"]
        return Purse(**asdict(customer.balance(self.rpc_url, self.chain_id, token, address)))

    def pay(self, account: LocalAccount, payment: dict[str, Any]) -> str:
        """Open the job in escrow with a permit; the confirmed transaction's hash."""
        return customer.pay(self.rpc_url, self.contracts, account, payment)

    def job(self, job_id: str) -> EscrowedJob:
        """The escrow's record of a job."""
        return EscrowedJob(**asdict(customer.escrowed(self.rpc_url, self.chain_id, self._escrow, job_id)))

    def reclaim(self, account: LocalAccount, job_id: str) -> str:
        """Take the fee back; the confirmed transaction's hash."""
        return customer.reclaim(self.rpc_url, self.chain_id, self._escrow, account, job_id)

    @property
    def _escrow(self) -> str:
        return str(self.contracts["JobEscrow"]["address"])
