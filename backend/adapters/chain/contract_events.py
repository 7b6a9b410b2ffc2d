"""The confirmed events of one contract, a span of blocks at a time."""

from __future__ import annotations

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.events import EventReader
from backend.ports import ChainEvent

SPAN_BLOCKS = 2_000


class ContractEvents:
    """Of the contract `name`, once `confirmations` blocks (its own included) stand."""

    def __init__(self, connection: Connection, name: str, confirmations: int) -> None:
        self._connection = connection
        self._contract = connection.contract(name)
        self._made = connection.network[name].block
        self._confirmations = confirmations
        self._reader = EventReader([(name, self._contract)])

    def since(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """Those from `from_block` on, in order, and the next block to ask for: `from_block` itself when there is nothing new."""
        with self._connection.use() as web3:
            head = web3.eth.block_number - self._confirmations + 1
            first = max(from_block, self._made)
            last = min(first + SPAN_BLOCKS - 1, head)
            if last < first:
                return [], from_block
            logs = web3.eth.get_logs({"address": self._contract.address, "fromBlock": first, "toBlock": last})
        return self._reader.read(logs), last + 1
