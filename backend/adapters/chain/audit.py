"""Reads the books of the market from the chain alone: views at one block, and every event of the jobs asked about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from web3 import Web3
from web3.types import FilterParams

from backend.adapters.chain.connection import Connection, block_time
from backend.adapters.chain.deployments import Deployments
from backend.adapters.chain.events import EventReader
from backend.adapters.chain.market import EVENT_SPAN_BLOCKS, NODE_STATES
from backend.adapters.chain.refusals import ACCUSATIONS
from backend.domain import job as words
from backend.ports import ChainEvent
from backend.settlement.credits import owed
from backend.settlement.invariants import Accused, JobBooks, MoneyBooks, Slash, money_invariants
from fl_nodes.protocol.signing import bytes32

ENDS = {
    "JobSettled": words.SETTLED,
    "JobFailed": words.FAILED,
    "JobCancelled": words.CANCELLED,
    "JobReclaimed": words.RECLAIMED,
}


def audit_money(rpc_url: str, deployments: Deployments, job_ids: Sequence[str]) -> dict[str, bool]:
    """Each rule of money by name, and whether it holds for the market and these jobs."""
    return money_invariants(read_books(rpc_url, deployments, job_ids))


def read_books(rpc_url: str, deployments: Deployments, job_ids: Sequence[str]) -> MoneyBooks:
    """The books at the newest block. Recoverable `chain.unreachable`, Unrecoverable `chain.wrong`, `chain.reset`."""
    return _Auditor(Connection(deployments.market, rpc_url)).books(job_ids)


class _Auditor:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._escrow = connection.contract("JobEscrow")
        self._staking = connection.contract("NodeStaking")
        self._token = connection.contract("DMLToken")
        contracts = [("JobEscrow", self._escrow), ("DMLToken", self._token)]
        self._reader = EventReader(contracts)

    def books(self, job_ids: Sequence[str]) -> MoneyBooks:
        with self._connection.use() as web3:
            block = int(web3.eth.block_number)
            escrow, staking = self._escrow.functions, self._staking.functions
            treasury = str(escrow.treasury().call(block_identifier=block))
            events = self._events(web3, block)
            due = owed([e for e in events if e.contract == "JobEscrow"], treasury)
            return MoneyBooks(
                block=block,
                chain_time=block_time(web3, block),
                treasury=treasury,
                escrow_balance_wei=self._token.functions.balanceOf(self._escrow.address).call(
                    block_identifier=block
                ),
                open_fees_wei=escrow.openFees().call(block_identifier=block),
                total_credits_wei=escrow.totalCredits().call(block_identifier=block),
                owed=due.by_account,
                credits={a: escrow.credit(a).call(block_identifier=block) for a in due.by_account},
                unclaimed_wei=due.unclaimed_wei,
                staking_balance_wei=int(web3.eth.get_balance(self._staking.address, block)),
                active_wei=staking.totalActive().call(block_identifier=block),
                unbonding_wei=staking.totalUnbonding().call(block_identifier=block),
                slashed_unclaimed_wei=staking.totalSlashedUnclaimed().call(block_identifier=block),
                jobs=tuple(self._job(job_id, events, block) for job_id in job_ids),
            )

    def _events(self, web3: Web3, block: int) -> list[ChainEvent]:
        found: list[ChainEvent] = []
        for first in range(self._connection.network.first_block, block + 1, EVENT_SPAN_BLOCKS):
            wanted: FilterParams = {
                "address": [self._escrow.address, self._token.address],
                "fromBlock": first,
                "toBlock": min(first + EVENT_SPAN_BLOCKS - 1, block),
            }
            found += self._reader.read(web3.eth.get_logs(wanted))
        return found

    def _job(self, job_id: str, events: Sequence[ChainEvent], block: int) -> JobBooks:
        record = self._escrow.functions.job(bytes32(job_id)).call(block_identifier=block)
        own = [e for e in events if e.contract == "JobEscrow" and e.args.get("jobId") == job_id.lower()]
        ends = [e for e in own if e.name in ENDS]
        end: dict[str, Any] = ends[0].args if ends else {}
        return JobBooks(
            job_id=job_id,
            customer=record.customer,
            fee_wei=record.fee,
            deadline=record.deadline,
            status=words.STATUSES[record.status],
            commission_bps=record.commissionBps,
            opened=sum(1 for e in own if e.name == "JobOpened"),
            ends=tuple(ENDS[e.name] for e in ends),
            payees=tuple(end.get("payees", ())),
            amounts_wei=tuple(end.get("amounts", ())),
            commission_wei=end.get("commission", 0),
            refund_wei=end.get("refund", 0),
            sent_wei=_sent(ends, events, record.customer, self._escrow.address),
            honest=tuple(end.get("honest", ())),
            accused=tuple(self._accused(job_id, culprit, block) for culprit in end.get("culprits", ())),
            slashes=tuple(_slash(e) for e in own if e.name == "SlashFinalized"),
        )

    def _accused(self, job_id: str, culprit: str, block: int) -> Accused:
        accusation = self._escrow.functions.accusation(bytes32(job_id), culprit).call(block_identifier=block)
        node = self._staking.functions.node(culprit).call(block_identifier=block)
        return Accused(culprit, ACCUSATIONS[accusation], NODE_STATES[node.state], node.deposit)


def _slash(event: ChainEvent) -> Slash:
    said = event.args
    return Slash(said["culprit"], said["amount"], tuple(said["honest"]), tuple(said["shares"]))


def _sent(ends: Sequence[ChainEvent], events: Sequence[ChainEvent], customer: str, escrow: str) -> int:
    """Tokens that went from the escrow to the customer in the transaction that reclaimed the job."""
    reclaims = {e.tx for e in ends if e.name == "JobReclaimed"}
    return sum(
        e.args["value"]
        for e in events
        if e.name == "Transfer" and e.tx in reclaims and (e.args["from"], e.args["to"]) == (escrow, customer)
    )
