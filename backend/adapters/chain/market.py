"""The market chain through web3: jobs, nodes, events, and every chain effect carried out exactly once."""

from __future__ import annotations

from functools import cached_property

from web3 import Web3

from backend.adapters.chain.connection import Connection, block_time
from backend.adapters.chain.contract_events import confirmed_head
from backend.adapters.chain.deployments import Deployments
from backend.adapters.chain.events import EventReader
from backend.adapters.chain.fees import Pace
from backend.adapters.chain.job_events import naming
from backend.adapters.chain.market_writes import MarketWrites
from backend.adapters.chain.sender import Sender
from backend.domain import job as words
from backend.domain.effects import Effect
from backend.domain.node import Node
from backend.domain.ticket import Ticket
from backend.ports import ChainEvent, JobOnChain, Roles
from fl_nodes.protocol.signing import bytes32

EVENT_SPAN_BLOCKS = 2_000
NODE_STATES = ("None", "Active", "Exiting", "Banned")
ROLES = ((1, "trainer"), (2, "validator"))


class Web3Market:
    """`ports.MarketChain`, and what the settler needs beyond it. `confirmations` counts the block itself."""

    def __init__(
        self,
        deployments: Deployments,
        rpc_url: str,
        operator_key: str,
        confirmations: int = 1,
        pace: Pace | None = None,
    ) -> None:
        network = deployments.market
        self.chain_id = network.chain_id
        self.escrow_address = network["JobEscrow"].address
        self._confirmations = confirmations
        self._connection = Connection(network, rpc_url)
        self._escrow = self._connection.contract("JobEscrow")
        self._staking = self._connection.contract("NodeStaking")
        self._writes = MarketWrites(
            self._connection, Sender(self._connection, operator_key, pace or Pace(confirmations))
        )
        self._reader = EventReader([("JobEscrow", self._escrow), ("NodeStaking", self._staking)])

    def job(self, job_id: str) -> JobOnChain:
        """The job's record."""
        with self._connection.use():
            job = self._escrow.functions.job(bytes32(job_id)).call()
        status = words.STATUSES[job.status]
        return JobOnChain(job_id, job.customer, job.fee, job.deadline, status, job.commissionBps)

    def commission_bps(self) -> int:
        """Current commission for new jobs, in basis points."""
        with self._connection.use():
            return int(self._escrow.functions.commissionBps().call())

    def node(self, provider: str) -> Node:
        """A provider's standing."""
        with self._connection.use():
            node = self._staking.functions.node(Web3.to_checksum_address(provider)).call()
        return Node(
            provider=Web3.to_checksum_address(provider),
            key=node.nodeKey,
            name=node.name,
            roles=tuple(role for bit, role in ROLES if node.roles & bit),
            deposit_wei=str(node.deposit),
            rating_bps=node.rating,
            state=NODE_STATES[node.state],
            frozen=node.frozen > 0,
            assigned_jobs=node.assignedJobs,
        )

    def roles(self, account: str) -> Roles:
        """The account's roles in the escrow."""
        functions, address = self._escrow.functions, Web3.to_checksum_address(account)
        with self._connection.use():
            arbiter, admin = self._role_ids
            return Roles(
                arbiter=functions.hasRole(arbiter, address).call(),
                admin=functions.hasRole(admin, address).call(),
            )

    @cached_property
    def _role_ids(self) -> tuple[bytes, bytes]:
        """The arbiter's and the admin's, constants of the contract."""
        functions = self._escrow.functions
        return functions.ARBITER_ROLE().call(), functions.DEFAULT_ADMIN_ROLE().call()

    def block_time(self, block: int) -> int:
        """A block's time, in Unix seconds."""
        with self._connection.use() as web3:
            return block_time(web3, block)

    def block_hash(self, block: int) -> str:
        """A block's hash, now; Recoverable `chain.behind` where there is no such block."""
        return self._connection.block_hash(block)

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """Confirmed events of escrow and staking, in order, and the next block to ask for: `from_block` itself when
        there is nothing new, a later one while more may follow. Recoverable `chain.behind`, Unrecoverable `chain.reset`."""
        with self._connection.use() as web3:
            head = confirmed_head(self._connection, web3, self._confirmations, from_block)
            first = max(from_block, self._connection.network.first_block)
            last = min(first + EVENT_SPAN_BLOCKS - 1, head)
            if last < first:
                return [], from_block
            addresses = [self._escrow.address, self._staking.address]
            logs = web3.eth.get_logs({"address": addresses, "fromBlock": first, "toBlock": last})
            self._connection.verify()
        return self._reader.read(logs), last + 1

    def job_events(self, job_id: str) -> list[ChainEvent]:
        """The confirmed events of one job, in order."""
        with self._connection.use() as web3:
            opened = self._escrow.functions.job(bytes32(job_id)).call().openedBlock
            head = web3.eth.block_number - self._confirmations + 1
            spans = naming(web3, [self._escrow.address], job_id, opened, head) if opened else ()
            return [event for logs in spans for event in self._reader.read(logs)]

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:
        """As `ports.MarketChain.carry_out`; see `MarketWrites`."""
        return self._writes.carry_out(effect, ticket)
