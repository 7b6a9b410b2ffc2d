"""Logs into `ChainEvent`s: addresses checksummed, bytes as 0x hex, structs as dictionaries, whole numbers as they
are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eth_abi.exceptions import DecodingError
from eth_utils.abi import event_abi_to_log_topic
from web3 import Web3
from web3.contract import Contract
from web3.exceptions import Web3Exception
from web3.types import LogReceipt

from backend.errors import Unrecoverable
from backend.ports import ChainEvent


class EventReader:
    """Decodes the events of named contracts."""

    def __init__(self, contracts: Sequence[tuple[str, Contract]]) -> None:
        self._kinds = {
            (contract.address, bytes(event_abi_to_log_topic(entry))): (name, contract.events[entry["name"]]())
            for name, contract in contracts
            for entry in contract.abi
            if entry["type"] == "event"
        }

    def read(self, logs: Sequence[LogReceipt]) -> list[ChainEvent]:
        """The events of these logs in the order of the chain; logs of no known kind are left out.

        Unrecoverable `chain.unreadable` where one is not as our contracts write it: the node answers for another chain or lies.
        """
        found = []
        for entry in sorted(logs, key=lambda e: (e["blockNumber"], e["logIndex"])):
            topic = bytes(entry["topics"][0]) if entry["topics"] else b""
            kind = self._kinds.get((entry["address"], topic))
            if kind is None:
                continue
            contract, event = kind
            try:
                decoded = event.process_log(entry)
            except (DecodingError, Web3Exception, ValueError, OverflowError) as error:
                raise Unrecoverable(
                    "chain.unreadable", f"An event of {contract} cannot be read ({type(error).__name__})."
                ) from error
            found.append(
                ChainEvent(
                    contract=contract,
                    name=str(decoded["event"]),
                    args={name: plain(value) for name, value in decoded["args"].items()},
                    block=int(entry["blockNumber"]),
                    log_index=int(entry["logIndex"]),
                    tx=Web3.to_hex(entry["transactionHash"]),
                    block_hash=Web3.to_hex(entry["blockHash"]),
                )
            )
        return found


def plain(value: Any) -> Any:
    """A decoded value as plain ones."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
