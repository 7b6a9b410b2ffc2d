"""A job's events on both chains, read by the job's id, and no block that stands for good read twice."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from eth_typing import HexStr
from web3 import Web3
from web3.contract import Contract
from web3.exceptions import TransactionNotFound
from web3.types import FilterParams, LogReceipt

from backend.adapters.chain.connection import REORG_BLOCKS, Connection, block_time
from backend.adapters.chain.contract_events import SPAN_BLOCKS
from backend.adapters.chain.deployments import Deployments
from backend.adapters.chain.events import EventReader
from backend.errors import NotFound
from backend.ports import ChainEvent, JobEvent, JobEventsRead
from fl_nodes.protocol.signing import bytes32

SPANS_AT_ONCE = 50
"""Of SPAN_BLOCKS each: an old job on a long chain is read over several requests, none of which takes long."""
JOBS_KEPT = 256
MOVING = frozenset(
    {"JobOpened", "JobSettled", "JobSettledByRoot", "JobFailed", "JobCancelled", "JobReclaimed"}
    | {"SlashFinalized", "SlashLapsed", "SlashArbitrated"}
)
"""Events of the market in whose transactions tokens or deposits move too. On the carbon chain one transaction does the same for
many jobs."""


def naming(
    web3: Web3, addresses: Sequence[str], job_id: str, first: int, last: int
) -> Iterator[list[LogReceipt]]:
    """Logs of these contracts whose first indexed argument is the job, in spans that public nodes answer."""
    for start in range(first, last + 1, SPAN_BLOCKS):
        wanted: FilterParams = {
            "address": [Web3.to_checksum_address(address) for address in addresses],
            "topics": [None, HexStr(job_id)],
            "fromBlock": start,
            "toBlock": min(start + SPAN_BLOCKS - 1, last),
        }
        yield web3.eth.get_logs(wanted)


@dataclass(frozen=True)
class _Read:
    """One chain's part: `kept` is of blocks before `following`, which stand for good; `fresh` of those after, up to `last`."""

    following: int
    last: int = -1
    transactions: tuple[str, ...] = ()
    kept: tuple[JobEvent, ...] = ()
    fresh: tuple[JobEvent, ...] = ()
    whole: bool = False


class _Chain:
    """One chain with our contracts on it."""

    def __init__(self, name: str, connection: Connection, confirmations: int) -> None:
        contracts: list[tuple[str, Contract]] = [
            (contract, connection.contract(contract)) for contract in connection.network.contracts
        ]
        self.name = name
        self.connection = connection
        self._confirmations = confirmations
        self._addresses = [contract.address for _, contract in contracts]
        self._reader = EventReader(contracts)

    def read_on(self, before: _Read, job_id: str, transactions: tuple[str, ...]) -> _Read:
        """As `before`, up to the chain's present head; at most SPANS_AT_ONCE spans further."""
        with self.connection.use() as web3:
            head = int(web3.eth.block_number) - self._confirmations + 1
            if before.whole and (head, transactions) == (before.last, before.transactions):
                return before
            nearly = before.following > head - REORG_BLOCKS
            last = head if nearly else min(head, before.following + SPANS_AT_ONCE * SPAN_BLOCKS - 1)
            logs = [
                log for span in naming(web3, self._addresses, job_id, before.following, last) for log in span
            ]
            found = self._timed(web3, self._reader.read(logs), transactions, before.kept, last)
        stands = max(before.following, min(last, head - REORG_BLOCKS) + 1)
        everything = (*before.kept, *found)
        return _Read(
            following=stands,
            last=last,
            transactions=transactions,
            kept=tuple(e for e in everything if e.event.block < stands),
            fresh=tuple(e for e in everything if e.event.block >= stands),
            whole=last == head,
        )

    def _timed(
        self,
        web3: Web3,
        own: Sequence[ChainEvent],
        transactions: Sequence[str],
        known: Sequence[JobEvent],
        last: int,
    ) -> list[JobEvent]:
        """These events and what else happened with them, with their blocks' times."""
        there = {(e.event.block, e.event.log_index) for e in known}
        all_of_them = {(e.block, e.log_index): e for e in own}
        told = {e.event.tx for e in known}
        for tx in dict.fromkeys([*(e.tx for e in own if e.name in MOVING), *transactions]):
            if tx not in told:
                all_of_them |= {(e.block, e.log_index): e for e in self._of_transaction(web3, tx)}
        new = [e for place, e in sorted(all_of_them.items()) if place not in there and e.block <= last]
        times = {block: block_time(web3, block) for block in {e.block for e in new}}
        return [JobEvent(self.name, e, times[e.block]) for e in new]

    def _of_transaction(self, web3: Web3, tx: str) -> list[ChainEvent]:
        try:
            return self._reader.read(web3.eth.get_transaction_receipt(HexStr(tx))["logs"])
        except TransactionNotFound:
            # Taken back by the chain: whoever recorded it will see it again.
            return []


@dataclass
class Web3JobEvents:
    """`ports.JobEvents` over both chains' contracts. `confirmations` counts the block itself."""

    deployments: Deployments
    market_rpc_url: str
    carbon_rpc_url: str
    confirmations: int = 1
    _kept: OrderedDict[str, dict[str, _Read]] = field(default_factory=OrderedDict, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        market = Connection(self.deployments.market, self.market_rpc_url)
        self._escrow = market.contract("JobEscrow")
        self._chains = [_Chain("market", market, self.confirmations)]
        if self.deployments.carbon is not None:
            carbon = Connection(self.deployments.carbon, self.carbon_rpc_url)
            self._chains.append(_Chain("carbon", carbon, self.confirmations))

    def of(self, job_id: str, transactions: Sequence[str] = ()) -> JobEventsRead:
        """As the port says."""
        with self._lock:
            before = self._kept.get(job_id)
        known = before or self._beginning(job_id)
        # Only the market's transactions are known beforehand.
        also = {"market": tuple(transactions), "carbon": ()}
        after = {c.name: c.read_on(known[c.name], job_id, also[c.name]) for c in self._chains}
        with self._lock:
            self._kept[job_id] = after
            self._kept.move_to_end(job_id)
            while len(self._kept) > JOBS_KEPT:
                self._kept.popitem(last=False)
        events = [e for read in after.values() for e in (*read.kept, *read.fresh)]
        # On each chain the order is the chain's; between them it is that of their clocks.
        events.sort(key=lambda e: (e.at, e.chain != "market", e.event.block, e.event.log_index))
        return JobEventsRead(
            tuple(events),
            {name: read.last for name, read in after.items()},
            all(read.whole for read in after.values()),
        )

    def _beginning(self, job_id: str) -> dict[str, _Read]:
        with self._chains[0].connection.use():
            opened = int(self._escrow.functions.job(bytes32(job_id)).call().openedBlock)
        if not opened:
            raise NotFound("job.unknown", f"The escrow knows no job {job_id}.")
        starts = {c.name: _Read(c.connection.network.first_block) for c in self._chains}
        return starts | {"market": replace(starts["market"], following=opened)}
