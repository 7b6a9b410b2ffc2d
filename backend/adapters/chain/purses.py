"""A provider's money on the market chain, read through web3."""

from __future__ import annotations

from web3 import Web3

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.deployments import Deployments
from backend.adapters.chain.market import NODE_STATES
from backend.domain.purse import Purse
from fl_nodes.protocol.signing import bytes32


class Web3Purses:
    """`ports.Purses`, at the newest block."""

    def __init__(self, deployments: Deployments, rpc_url: str) -> None:
        self._connection = Connection(deployments.market, rpc_url)
        self._escrow = self._connection.contract("JobEscrow")
        self._staking = self._connection.contract("NodeStaking")

    def of(self, provider: str) -> Purse:
        """A provider's; that of a stranger has the state "None"."""
        account = Web3.to_checksum_address(provider)
        staking, escrow = self._staking.functions, self._escrow.functions
        with self._connection.use() as web3:
            node = staking.node(account).call()
            return Purse(
                state=NODE_STATES[node.state],
                deposit_wei=int(node.deposit),
                exit_at=int(node.exitAt),
                assigned_jobs=int(node.assignedJobs),
                frozen=int(node.frozen),
                credit_dml_wei=int(escrow.credit(account).call()),
                credit_native_wei=int(staking.credit(account).call()),
                coins_wei=int(web3.eth.get_balance(account)),
                min_deposit_wei=int(staking.minDeposit().call()),
                unbonding_seconds=int(staking.unbondingPeriod().call()),
            )

    def contest_until(self, job_id: str) -> int:
        """Until when the accused of a job may contest; 0 where nobody is."""
        with self._connection.use():
            return int(self._escrow.functions.slashReadyAt(bytes32(job_id)).call())
