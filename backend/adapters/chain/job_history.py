"""Reads one job's market from a chain, for an audit: every event of escrow and staking, and a few block headers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from eth_typing import HexStr
from eth_utils.abi import event_abi_to_log_topic
from web3 import Web3
from web3.contract import Contract
from web3.types import FilterParams, LogReceipt

from backend.adapters.chain.connection import REORG_BLOCKS, Connection, block_time
from backend.adapters.chain.deployments import Network
from backend.adapters.chain.events import EventReader
from backend.adapters.chain.market import EVENT_SPAN_BLOCKS
from backend.errors import Invalid, NotFound
from backend.ports import ChainEvent
from backend.verification.job_history import JobHistory

NEEDED = {
    "JobEscrow": ("TrainersChosen", "JobAssigned", "JobSettled", "JobFailed", "CommissionChanged"),
    "NodeStaking": ("NodeRegistered", "BaselineChanged", "NodeSlashed", "EscrowSet"),
    "DMLToken": ("Transfer",),
}
"""Events without which there is nothing to derive anything from."""

Progress = Callable[[int, int], None]
"""(block read, last block) -> None."""


def read_history(network: Network, rpc_url: str, job_id: str, progress: Progress | None = None) -> JobHistory:
    """Everything about a job (0x hex) at the newest block.

    NotFound `audit.unknown_job`, Invalid `audit.deployments` for a document of other contracts; Recoverable
    `chain.unreachable`, Unrecoverable `chain.wrong`, `chain.reset`.
    """
    return MarketPast(network, rpc_url).read(job_id.lower(), progress or (lambda _at, _last: None))


class MarketPast:
    """The market's events, for many audits: what no chain takes back any more is read once and kept. For several threads.

    Invalid `audit.deployments` for a document of other contracts.
    """

    def __init__(self, network: Network, rpc_url: str) -> None:
        _require_events(network)
        self._lock = threading.Lock()
        self._kept: list[ChainEvent] = []
        self._next = network.first_block
        self._connection = Connection(network, rpc_url)
        self._escrow, self._staking, self._token = (self._connection.contract(name) for name in NEEDED)
        self._reader = EventReader(
            [("JobEscrow", self._escrow), ("NodeStaking", self._staking), ("DMLToken", self._token)]
        )

    def read(self, job_id: str, progress: Progress = lambda _at, _last: None) -> JobHistory:
        """As `read_history`; `job_id` in lower case."""
        with self._connection.use() as web3:
            head = int(web3.eth.block_number)
            events = self._events(web3, head, progress)
            own = [e for e in events if e.contract == "JobEscrow" and e.args.get("jobId") == job_id]
            if not own:
                raise NotFound(
                    "audit.unknown_job", f"The escrow {self._escrow.address} knows no job {job_id}."
                )
            seeds = {e.args["seedBlock"] for e in own if "seedBlock" in e.args}
            return JobHistory(
                job_id=job_id,
                chain_id=self._connection.network.chain_id,
                escrow=self._escrow.address,
                head=head,
                contest_window_s=int(self._escrow.functions.contestWindow().call()),
                treasury=str(self._escrow.functions.treasury().call()),
                events=tuple(events),
                block_hashes={n: _block_hash(web3, n) for n in sorted(seeds) if n <= head},
                block_times={n: block_time(web3, n) for n in sorted({e.block for e in own})},
            )

    def _events(self, web3: Web3, head: int, progress: Progress) -> list[ChainEvent]:
        with self._lock:
            last_sure = head - REORG_BLOCKS
            for first, last in _spans(self._next, last_sure):
                self._kept += self._span(web3, first, last)
                self._next = last + 1
                progress(last, head)
            found = list(self._kept)
            unsure_from = self._next
        for first, last in _spans(unsure_from, head):
            found += self._span(web3, first, last)
            progress(last, head)
        return found

    def _span(self, web3: Web3, first: int, last: int) -> list[ChainEvent]:
        # A transfer from the escrow to itself would answer both questions about transfers.
        logs = {(log["blockNumber"], log["logIndex"]): log for log in self._logs(web3, first, last)}
        return self._reader.read(list(logs.values()))

    def _logs(self, web3: Web3, first: int, last: int) -> Iterator[LogReceipt]:
        transfer, escrow = _topic(self._token, "Transfer"), _padded(self._escrow.address)
        ours: FilterParams = {"address": [self._escrow.address, self._staking.address]}
        sent: FilterParams = {"address": self._token.address, "topics": [transfer, escrow]}
        received: FilterParams = {"address": self._token.address, "topics": [transfer, None, escrow]}
        for wanted in (ours, sent, received):
            yield from web3.eth.get_logs({**wanted, "fromBlock": first, "toBlock": last})


def _spans(first: int, last: int) -> Iterator[tuple[int, int]]:
    for start in range(first, last + 1, EVENT_SPAN_BLOCKS):
        yield start, min(start + EVENT_SPAN_BLOCKS - 1, last)


def _require_events(network: Network) -> None:
    for contract, names in NEEDED.items():
        known = {entry.get("name") for entry in network[contract].abi if entry.get("type") == "event"}
        missing = [name for name in names if name not in known]
        if missing:
            raise Invalid(
                "audit.deployments",
                f"The deployments' {contract} has no event {missing[0]}: they describe other contracts than these.",
            )


def _block_hash(web3: Web3, number: int) -> str:
    return Web3.to_hex(web3.eth.get_block(number)["hash"])


def _topic(contract: Contract, event: str) -> HexStr:
    entry: Any = next(e for e in contract.abi if e["type"] == "event" and e["name"] == event)
    return Web3.to_hex(event_abi_to_log_topic(entry))


def _padded(address: str) -> HexStr:
    return HexStr("0x" + address[2:].lower().rjust(64, "0"))
