"""JSON-RPC to the local chains, and native coins from their unlocked development accounts."""

from __future__ import annotations

import itertools
import time
from typing import Any

import requests

COIN = 10**18
_RPC_SECONDS = 10
_RECEIPT_SECONDS = 20
_POLL_SECONDS = 0.05
_ids = itertools.count(1)


class RpcError(Exception):
    """The chain refused, or did not answer with JSON-RPC."""


def rpc(url: str, method: str, *params: Any) -> Any:
    """The result of one call; RpcError when refused, requests' own errors when unreachable."""
    question = {"jsonrpc": "2.0", "id": next(_ids), "method": method, "params": params}
    answer = requests.post(url, json=question, timeout=_RPC_SECONDS).json()
    if "error" in answer:
        raise RpcError(f"{method}: {answer['error'].get('message', answer['error'])}")
    return answer["result"]


def chain_id(url: str) -> int:
    """The chain that answers at `url`."""
    return int(rpc(url, "eth_chainId"), 16)


def has_code(url: str, address: str) -> bool:
    """Whether a contract lives at `address`."""
    return bool(rpc(url, "eth_getCode", address, "latest") != "0x")


def fund(url: str, wanted_wei: dict[str, int]) -> None:
    """Give each address what it lacks of its wanted balance, once it is below half of it."""
    bank = rpc(url, "eth_accounts")[0]
    sent = []
    for address, wei in wanted_wei.items():
        balance = int(rpc(url, "eth_getBalance", address, "latest"), 16)
        if balance < wei // 2:
            transaction = {"from": bank, "to": address, "value": hex(wei - balance)}
            sent.append(rpc(url, "eth_sendTransaction", transaction))
    for transaction_hash in sent:
        await_receipt(url, transaction_hash)


def await_receipt(url: str, transaction_hash: str) -> None:
    """Until a transaction is included; RpcError when it reverts or takes too long."""
    until = time.monotonic() + _RECEIPT_SECONDS
    while time.monotonic() < until:
        receipt = rpc(url, "eth_getTransactionReceipt", transaction_hash)
        if receipt:
            if int(receipt["status"], 16) != 1:
                raise RpcError(f"Transaction {transaction_hash} was reverted.")
            return
        time.sleep(_POLL_SECONDS)
    raise RpcError(f"Transaction {transaction_hash} was not included within {_RECEIPT_SECONDS} s.")
