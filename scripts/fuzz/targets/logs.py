"""Logs as a chain's node hands them over: the events of our contracts, or chain.unreadable. A node that lies must not stop us."""

from __future__ import annotations

from typing import Any

from eth_utils.abi import event_abi_to_log_topic
from hexbytes import HexBytes
from web3 import Web3

from backend.adapters.chain.events import EventReader
from backend.errors import EcoError
from scripts.fuzz.target import Judge, Target, promised
from tests.support.artifacts import artifacts

CONTRACTS = (
    "JobEscrow",
    "NodeStaking",
    "DMLToken",
    "EnergyLedger",
    "CarbonCredit",
    "GreenCertificate",
    "Publications",
)
ADDRESS = "0x" + "11" * 20


def _events() -> list[tuple[str, Any]]:
    made = artifacts()
    return [
        (name, entry)
        for name in CONTRACTS
        if name in made
        for entry in made[name]["abi"]
        if entry["type"] == "event"
    ]


def _logs() -> Judge:
    events, made = _events(), artifacts()
    readers = {
        name: EventReader(
            [
                (
                    name,
                    Web3().eth.contract(
                        address=Web3.to_checksum_address(ADDRESS), abi=made[name]["abi"], decode_tuples=True
                    ),
                )
            ]
        )
        for name in {name for name, _ in events}
    }

    def judge(data: bytes) -> None:
        """Which event, how many topics, the topics and the rest as data."""
        if len(data) < 2:
            return
        name, entry = events[data[0] % len(events)]
        count, rest = data[1] % 5, data[2:]
        topics = [HexBytes(event_abi_to_log_topic(entry))]
        topics += [HexBytes(rest[32 * i : 32 * i + 32].ljust(32, b"\0")) for i in range(count)]
        log: Any = {
            "address": Web3.to_checksum_address(ADDRESS), "topics": topics, "data": HexBytes(rest[32 * count :]), "blockNumber": 1,
            "logIndex": 0, "transactionHash": HexBytes(bytes(32)), "transactionIndex": 0, "blockHash": HexBytes(bytes(32)),
        }  # fmt: skip
        try:
            read = readers[name].read([log])
        except EcoError as refusal:
            promised(refusal.code == "chain.unreadable", refusal.code)
            return
        promised(
            len(read) == 1 and set(read[0].args) == {i["name"] for i in entry["inputs"]},
            "an event without its arguments",
        )

    return judge


def _seeds() -> list[bytes]:
    made = []
    for number, (_, entry) in enumerate(_events()):
        count = sum(bool(one["indexed"]) for one in entry["inputs"])
        made.append(bytes([number, count]) + bytes(32) * (count + len(entry["inputs"]) + 2))
    return made


TARGETS = (
    Target(
        "logs", _logs, _seeds, (b"\0" * 31 + b"\x20", b"\xff" * 32, b"\0" * 28 + b"\x7f\xff\xff\xff"), 2_048
    ),
)
