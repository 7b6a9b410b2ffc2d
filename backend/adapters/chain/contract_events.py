"""The confirmed events of one contract, a span of blocks at a time."""

from __future__ import annotations

from web3 import Web3

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.events import EventReader
from backend.errors import Recoverable
from backend.ports import ChainEvent

SPAN_BLOCKS = 2_000


BEHIND_BLOCKS = 3
"""By how much the head may fall back, from one node to another, without a word."""


def confirmed_head(connection: Connection, web3: Web3, confirmations: int, from_block: int) -> int:
    """The newest block that counts, where followers read on at `from_block`; Recoverable `chain.behind`."""
    head = int(web3.eth.block_number) - confirmations + 1
    connection.saw(head + confirmations - 1)
    if head + 1 + BEHIND_BLOCKS < from_block:
        connection.verify()
        raise Recoverable(
            "chain.behind",
            f"The {connection.network.name} chain's node is at block {head}, but block {from_block - 1} was read before: it is "
            "behind, or the chain was set back. Nothing is sent until it has caught up.",
        )
    return head


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
            head = confirmed_head(self._connection, web3, self._confirmations, from_block)
            first = max(from_block, self._made)
            last = min(first + SPAN_BLOCKS - 1, head)
            if last < first:
                return [], from_block
            logs = web3.eth.get_logs({"address": self._contract.address, "fromBlock": first, "toBlock": last})
            self._connection.verify()
        return self._reader.read(logs), last + 1
