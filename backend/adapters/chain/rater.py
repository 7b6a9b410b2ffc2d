"""The account that may set baselines: half of what a node weighs when validators are drawn."""

from __future__ import annotations

from web3 import Web3

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.deployments import Deployments
from backend.adapters.chain.fees import Pace
from backend.adapters.chain.past import newest_event
from backend.adapters.chain.sender import Sender
from backend.domain.effects import SetBaseline


class Web3Rater:
    """`ports.Rater`. Its key holds RATER_ROLE and no other."""

    def __init__(
        self,
        deployments: Deployments,
        rpc_url: str,
        rater_key: str,
        confirmations: int = 1,
        pace: Pace | None = None,
    ) -> None:
        self._connection = Connection(deployments.market, rpc_url)
        self._staking = self._connection.contract("NodeStaking")
        self._sender = Sender(self._connection, rater_key, pace or Pace(confirmations))

    def set_baseline(self, effect: SetBaseline) -> str:
        """Do it unless it is the newest baseline already; the transaction's hash."""
        provider = Web3.to_checksum_address(effect.provider)

        def done() -> str | None:
            newest = newest_event(
                self._connection,
                self._staking.events.BaselineChanged(),
                self._connection.network.first_block,
                {"provider": provider},
            )
            if newest is None or newest["args"]["baseline"] != effect.bps:
                return None
            return Web3.to_hex(newest["transactionHash"])

        return self._sender.send(self._staking.functions.setBaseline(provider, effect.bps), done)
