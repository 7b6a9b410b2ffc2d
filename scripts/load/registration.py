"""A thousand providers join the market: a wallet and a machine key each, coins, and a registration with its deposit, in batches."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import Web3

from scripts.demo.story import Broken
from scripts.stack.config import MARKET_CHAIN_ID, ZONES
from scripts.stack.keys import write_private
from scripts.stack.rpc import COIN, RpcError, rpc

ROLES = {"trainer": 1, "validator": 2}
BATCH = 100
"""Registrations of which a block of thirty million gas holds at least as many."""
REGISTER_GAS = 300_000
GAS_PRICE_WEI = 2 * 10**9
RPC_SECONDS = 60
INCLUDED_SECONDS = 60.0
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Provider:
    """Who joins, with which machine key and in which role."""

    name: str
    role: str
    zone: str
    wallet: LocalAccount
    machine: LocalAccount

    def written(self) -> dict[str, str]:
        """What its machine has to know: not the wallet's key."""
        return {
            "name": self.name,
            "role": self.role,
            "zone": self.zone,
            "provider": str(self.wallet.address),
            "key": "0x" + bytes(self.machine.key).hex(),
        }


def providers(number: int) -> list[Provider]:
    """As many trainers as validators, all over the world."""
    roles, zones = tuple(ROLES), ZONES
    return [
        Provider(f"load-{n}", roles[n % 2], zones[n % len(zones)], Account.create(), Account.create())
        for n in range(number)
    ]


def write_people(folder: Path, people: Sequence[Provider], processes: int) -> list[Path]:
    """A file for each process with the nodes that it plays."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for n in range(processes):
        file = folder / f"people-{n}.json"
        write_private(file, json.dumps([one.written() for one in people[n::processes]]))
        files.append(file)
    return files


def register(url: str, contracts: dict[str, Any], people: Sequence[Provider]) -> None:
    """Pay everybody's deposit; Broken where one is refused."""
    staking = Web3().eth.contract(
        address=Web3.to_checksum_address(contracts["NodeStaking"]["address"]),
        abi=contracts["NodeStaking"]["abi"],
    )
    asked = {"to": staking.address, "data": staking.encode_abi("minDeposit")}
    deposit = int(rpc(url, "eth_call", asked, "latest"), 16)
    for first in range(0, len(people), BATCH):
        some = people[first : first + BATCH]
        batch(url, "anvil_setBalance", [(p.wallet.address, hex(deposit + COIN)) for p in some])
        raw = [_signed(staking, p, deposit) for p in some]
        await_included(url, batch(url, "eth_sendRawTransaction", [(each,) for each in raw]))


def _signed(staking: Any, provider: Provider, deposit: int) -> str:
    said = [provider.name, provider.machine.address, ROLES[provider.role]]
    transaction = {
        "to": staking.address,
        "data": staking.encode_abi("register", said),
        "value": deposit,
        "nonce": 0,
        "gas": REGISTER_GAS,
        "gasPrice": GAS_PRICE_WEI,
        "chainId": MARKET_CHAIN_ID,
    }
    return "0x" + bytes(provider.wallet.sign_transaction(transaction).raw_transaction).hex()


def batch(url: str, method: str, parameters: Sequence[Sequence[Any]]) -> list[Any]:
    """The results of one method with these parameters, asked for at once; RpcError for the first refusal."""
    asked = [
        {"jsonrpc": "2.0", "id": n, "method": method, "params": list(each)}
        for n, each in enumerate(parameters)
    ]
    answers = requests.post(url, json=asked, timeout=RPC_SECONDS).json()
    for answer in answers:
        if "error" in answer:
            raise RpcError(f"{method}: {answer['error'].get('message', answer['error'])}")
    return [answer["result"] for answer in sorted(answers, key=lambda answer: int(answer["id"]))]


def await_included(url: str, hashes: Sequence[str]) -> None:
    """Until these transactions are in blocks; Broken for one that was reverted or is not included."""
    until = time.monotonic() + INCLUDED_SECONDS
    waiting = list(hashes)
    while waiting:
        receipts = batch(url, "eth_getTransactionReceipt", [(each,) for each in waiting])
        if any(receipt and int(receipt["status"], 16) != 1 for receipt in receipts):
            raise Broken("A transaction of the load was reverted", "market")
        waiting = [h for h, receipt in zip(waiting, receipts, strict=True) if not receipt]
        if waiting and time.monotonic() > until:
            raise Broken(f"{len(waiting)} transactions were not included", "market")
        time.sleep(POLL_SECONDS if waiting else 0)
