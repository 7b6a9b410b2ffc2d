"""What a health page says of a chain's node: it answers, it is not behind, and gas costs what we pay for it."""

from __future__ import annotations

from collections.abc import Callable

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.contract_events import confirmed_head
from backend.adapters.chain.deployments import Network
from backend.adapters.chain.fees import GWEI, Pace, asked_wei, require_affordable


class NodeProbe:
    """`followed` is the next block that a follower is going to read."""

    def __init__(self, network: Network, rpc_url: str, pace: Pace, followed: Callable[[], int]) -> None:
        self._connection = Connection(network, rpc_url)
        self._pace = pace
        self._followed = followed

    def __call__(self) -> str:
        """Recoverable `chain.behind`, `chain.fees_high` and the like, Unrecoverable `chain.reset`, while it cannot be used."""
        with self._connection.use() as web3:
            head = confirmed_head(self._connection, web3, self._pace.confirmations, self._followed())
            base = asked_wei(web3)
            asked = int(web3.eth.gas_price) if base is None else base
            require_affordable(asked, self._pace)
        return f"chain {self._connection.network.chain_id}, block {head}, gas at {asked / GWEI:.4g} gwei"
