"""What happened before: the newest event of a kind, asked for in pieces that public nodes answer."""

from __future__ import annotations

from typing import Any

from web3 import Web3
from web3.contract.contract import ContractEvent
from web3.types import EventData

from backend.adapters.chain.connection import Connection

SPAN_BLOCKS = 2_000
SPANS = 50
"""How far back to look, in pieces of SPAN_BLOCKS."""


def newest_event(
    connection: Connection, kind: ContractEvent, first_block: int, where: dict[str, Any], **exactly: Any
) -> EventData | None:
    """The newest event from `first_block` on whose indexed arguments are `where` and whose others are `exactly`."""
    with connection.use() as web3:
        to_block = int(web3.eth.block_number)
        for _ in range(SPANS):
            if to_block < first_block:
                break
            from_block = max(first_block, to_block - SPAN_BLOCKS + 1)
            logs: list[EventData] = kind.get_logs(
                argument_filters=where, from_block=from_block, to_block=to_block
            )
            found = [entry for entry in logs if all(entry["args"][k] == v for k, v in exactly.items())]
            if found:
                return found[-1]
            to_block -= SPAN_BLOCKS
    return None


def newest_tx(
    connection: Connection, kind: ContractEvent, first_block: int, where: dict[str, Any], **exactly: Any
) -> str:
    """The transaction of `newest_event`, "" if there is none."""
    found = newest_event(connection, kind, first_block, where, **exactly)
    return Web3.to_hex(found["transactionHash"]) if found else ""
