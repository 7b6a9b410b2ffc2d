"""What a wallet does with a chain: pass questions on, fill a transaction in, sign it, send it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import requests
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address

RPC_SECONDS = 20
ENOUGH_GAS = 1.3
TIP_WEI = 10**9
# A plain HTTP connection is opened once: wallets ask a lot.
_connection = requests.Session()
_ids = itertools.count(1)


@dataclass
class ProviderError(Exception):
    """What an EIP-1193 request is refused with: `code` as EIP-1193, EIP-1474 or the chain's node have it."""

    code: int
    message: str
    data: Any = None

    @property
    def document(self) -> dict[str, Any]:
        """As the page receives it."""
        return {"code": self.code, "message": self.message, "data": self.data}


def ask(url: str, method: str, params: list[Any]) -> Any:
    """A chain's own answer; ProviderError with the node's code when it refuses, -32603 when it cannot be reached."""
    question = {"jsonrpc": "2.0", "id": next(_ids), "method": method, "params": params}
    try:
        answer = _connection.post(url, json=question, timeout=RPC_SECONDS).json()
    except (requests.RequestException, ValueError) as error:
        raise ProviderError(-32603, f"The chain's node cannot be reached: {error}") from error
    if "error" in answer:
        refused = answer["error"]
        raise ProviderError(int(refused["code"]), str(refused["message"]), refused.get("data"))
    return answer["result"]


def send(url: str, account: LocalAccount, wanted: dict[str, Any]) -> str:
    """Sign what `wanted` asks, with nonce, gas and fees filled in where missing, and send it; the transaction's hash."""
    filled: dict[str, Any] = {
        "type": 2,
        "chainId": int(ask(url, "eth_chainId", []), 16),
        "nonce": _number(
            wanted, "nonce", lambda: ask(url, "eth_getTransactionCount", [account.address, "pending"])
        ),
        "value": int(wanted.get("value") or "0x0", 16),
        "data": wanted.get("data") or wanted.get("input") or "0x",
    }
    if wanted.get("to"):
        filled["to"] = to_checksum_address(wanted["to"])
    tip = _number(wanted, "maxPriorityFeePerGas", lambda: hex(TIP_WEI))
    base = int(ask(url, "eth_getBlockByNumber", ["latest", False]).get("baseFeePerGas") or "0x0", 16)
    filled["maxPriorityFeePerGas"] = tip
    filled["maxFeePerGas"] = max(_number(wanted, "maxFeePerGas", lambda: hex(2 * base + tip)), tip)
    filled["gas"] = _number(wanted, "gas", lambda: _gas(url, account.address, wanted))
    signed = account.sign_transaction(filled)
    return str(ask(url, "eth_sendRawTransaction", ["0x" + bytes(signed.raw_transaction).hex()]))


def _gas(url: str, sender: str, wanted: dict[str, Any]) -> str:
    kept = {name: wanted[name] for name in ("to", "value", "data") if wanted.get(name)}
    return hex(int(int(ask(url, "eth_estimateGas", [{"from": sender, **kept}]), 16) * ENOUGH_GAS))


def _number(wanted: dict[str, Any], name: str, otherwise: Any) -> int:
    return int(wanted.get(name) or otherwise(), 16)
