"""The market chain's stake at a block, through web3."""

from __future__ import annotations

from web3 import Web3

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.deployments import Network
from backend.domain.stake import NodeStake, Stakes

ANY_ROLE = 3
"""Trainers and validators."""


class Web3Stakes:
    """`ports.StakesAt`. A block of long ago takes a node that keeps old states."""

    def __init__(self, network: Network, rpc_url: str, confirmations: int = 1) -> None:
        self._connection = Connection(network, rpc_url)
        self._staking = self._connection.contract("NodeStaking")
        self._confirmations = confirmations

    def stakes(self, block: int | None = None) -> Stakes:
        """At a block, else at the newest confirmed one."""
        with self._connection.use() as web3:
            at = web3.eth.block_number - self._confirmations + 1 if block is None else block
            header = web3.eth.get_block(at)
            functions = self._staking.functions
            providers, weights = functions.weights(ANY_ROLE, at + 1).call(block_identifier=at)
            nodes = tuple(
                NodeStake(str(provider), str(self._key(provider, at)), int(weight))
                for provider, weight in zip(providers, weights, strict=True)
                if weight > 0
            )
        return Stakes(at, Web3.to_hex(header["hash"]), nodes)

    def _key(self, provider: str, block: int) -> str:
        return str(self._staking.functions.node(provider).call(block_identifier=block).nodeKey)
