"""Coins for trying things on local chains: DML from the LocalFaucet contract, native coin of both from the faucet's key."""

from __future__ import annotations

from web3 import Web3

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.deployments import Deployments
from backend.adapters.chain.sender import Sender

DML_WEI = 1_000 * 10**18
NATIVE_WEI = 10**18


class Faucet:
    """`faucet(address)` hands out `dml_wei` and, on either chain, `native_wei`; Conflict on a chain that is not local.

    Without `carbon_rpc_url` it gives on the market chain only.
    """

    def __init__(
        self,
        deployments: Deployments,
        rpc_url: str,
        key: str,
        carbon_rpc_url: str | None = None,
        dml_wei: int = DML_WEI,
        native_wei: int = NATIVE_WEI,
    ) -> None:
        connection = Connection(deployments.market, rpc_url)
        self._contract = connection.contract("LocalFaucet")
        self._sender = Sender(connection, key)
        self._carbon = None
        if deployments.carbon is not None and carbon_rpc_url is not None:
            self._carbon = Sender(Connection(deployments.carbon, carbon_rpc_url), key)
        self._dml_wei = dml_wei
        self._native_wei = native_wei

    def __call__(self, address: str) -> tuple[int, int]:
        """Give once more, whoever asks; (DML wei, native wei of each chain) given."""
        to = Web3.to_checksum_address(address)
        # The contract first: it refuses on any chain where real coins are at stake.
        self._sender.send(self._contract.functions.drip(to, self._dml_wei), lambda: None)
        self._sender.transfer(to, self._native_wei)
        if self._carbon is not None:
            self._carbon.transfer(to, self._native_wei)
        return self._dml_wei, self._native_wei
