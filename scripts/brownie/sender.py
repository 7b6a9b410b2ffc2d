"""The one way in which the administrators' scripts write to a chain: rehearsed, priced, sent, awaited.

Brownie's own sending waits in whole seconds, keeps a record that a reset chain breaks, and chooses the nonce itself;
a deployment that can be continued has to know it beforehand.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from eth_account.signers.local import LocalAccount
from web3 import Web3
from web3.exceptions import TransactionNotFound, Web3RPCError
from web3.types import TxReceipt

from backend.adapters.chain.refusals import Refusals
from scripts.brownie.refused import Refused
from scripts.brownie.site import GWEI, Site

GAS_MARGIN = (6, 5)
PENDING_TIMEOUT_S = 300
RECEIPT_TIMEOUT_S = 600
LOCAL_POLL_S, PUBLIC_POLL_S = 0.05, 1.0


@dataclass(frozen=True)
class Sender:
    """An account that acts on a chain."""

    site: Site
    account: LocalAccount
    refusals: Refusals

    @property
    def address(self) -> str:
        """Who pays."""
        return str(self.account.address)

    def next_nonce(self) -> int:
        """The account's next nonce, once everything it sent before is mined.

        Refused `chain.pending` when that takes longer than PENDING_TIMEOUT_S.
        """
        eth = self.site.web3.eth
        until, told = time.monotonic() + PENDING_TIMEOUT_S, False
        while True:
            nonce = eth.get_transaction_count(self.account.address, "latest")
            waiting = eth.get_transaction_count(self.account.address, "pending") - nonce
            if waiting <= 0:
                return int(nonce)
            if not told:
                print(f"waiting for {waiting} transaction(s) that {self.address} sent before", flush=True)
                told = True
            if time.monotonic() > until:
                raise Refused(
                    "chain.pending",
                    f"{waiting} transaction(s) of {self.address} are not mined yet; run this again when they are.",
                )
            self._pause()

    def send(self, to: str | None, data: str, what: str, nonce: int | None = None) -> TxReceipt:
        """Sends one transaction and waits until it is confirmed; `to` None deploys.

        Refused before anything is sent when it would fail (the contract's own reason in words), when the account
        cannot pay, and on a public chain unless SEND=yes; `chain.reverted` when it fails all the same.
        """
        eth = self.site.web3.eth
        asked: dict[str, Any] = {"from": self.address, "data": data} | ({"to": to} if to else {})
        self._ask("eth_call", asked, what)
        gas = int(self._ask("eth_estimateGas", asked, what), 16) * GAS_MARGIN[0] // GAS_MARGIN[1]
        fees = self._fees()
        self._require_funds(gas * max(fees.values()), what)
        nonce = self.next_nonce() if nonce is None else nonce
        transaction: dict[str, Any] = {
            "data": data,
            "value": 0,
            "gas": gas,
            "nonce": nonce,
            "chainId": self.site.chain_id,
            **({"to": to} if to else {}),
            **fees,
        }
        signed = self.account.sign_transaction(transaction)
        try:
            eth.send_raw_transaction(signed.raw_transaction)
        except Web3RPCError as error:
            raise Refused(
                "chain.refused", f"The chain did not take {what}: {_message(error.rpc_response)}."
            ) from None
        print(f"{what}: sent as {Web3.to_hex(signed.hash)}", flush=True)
        receipt = self._confirmed(Web3.to_hex(signed.hash), what)
        if receipt["status"] != 1:
            raise Refused("chain.reverted", f"{what} was mined and failed: {Web3.to_hex(signed.hash)}.")
        return receipt

    def _ask(self, method: str, transaction: dict[str, Any], what: str) -> str:
        # Asked of the provider itself: web3 understands the error data of some chains only.
        provider: Any = self.site.web3.provider
        answer = provider.make_request(method, [transaction, "latest"])
        if "error" not in answer:
            return str(answer["result"])
        if data := _revert_data(answer["error"]):
            raise Refused("chain.rejected", f"{what} would fail: {self.refusals.decode(data).sentence}")
        raise Refused("chain.rejected", f"{what} would fail: {_message(answer)}.")

    def _fees(self) -> dict[str, int]:
        site, eth = self.site, self.site.web3.eth
        base = int(eth.get_block("latest").get("baseFeePerGas", 0))
        # Nodes of some chains suggest less than the chain takes.
        tip = max(site.least_tip_wei, int(eth.max_priority_fee))
        if site.highest_fee_wei is not None and base + tip > site.highest_fee_wei:
            raise Refused(
                "chain.expensive",
                f"Gas costs {(base + tip) / GWEI:g} gwei now, more than MAX_FEE_GWEI={site.highest_fee_wei // GWEI}.",
            )
        # Twice the base fee: it holds for six full blocks in a row.
        highest = min(2 * base + tip, site.highest_fee_wei or 2 * base + tip)
        return {"maxFeePerGas": highest, "maxPriorityFeePerGas": tip}

    def _require_funds(self, cost_wei: int, what: str) -> None:
        site = self.site
        held_wei = site.web3.eth.get_balance(self.account.address)
        if held_wei < cost_wei:
            raise Refused(
                "chain.funds",
                f"{self.address} holds {held_wei} wei of the native coin, but {what} may cost {cost_wei} wei.",
            )
        if not site.may_send:
            raise Refused(
                "admin.not_sent",
                f"{self.address} would pay up to {cost_wei} wei on {site.network} for {what}; "
                "nothing was sent: set SEND=yes to send it.",
            )

    def _confirmed(self, transaction_hash: str, what: str) -> TxReceipt:
        eth = self.site.web3.eth
        until = time.monotonic() + RECEIPT_TIMEOUT_S
        while time.monotonic() < until:
            try:
                receipt = eth.get_transaction_receipt(transaction_hash)  # type: ignore[arg-type]
            except TransactionNotFound:
                self._pause()
                continue
            # Asked again each time: a reorganisation can take the receipt back.
            if eth.block_number >= receipt["blockNumber"] + self.site.confirmations - 1:
                return receipt
            self._pause()
        raise Refused(
            "chain.slow",
            f"{what} is not confirmed after {RECEIPT_TIMEOUT_S} seconds: {transaction_hash}; run this again later.",
        )

    def _pause(self) -> None:
        time.sleep(LOCAL_POLL_S if self.site.local else PUBLIC_POLL_S)


def _revert_data(error: Any) -> str | None:
    data = error.get("data") if isinstance(error, dict) else None
    if isinstance(data, dict):
        data = data.get("result") or data.get("data")
    return data if isinstance(data, str) and data.startswith("0x") and len(data) >= 10 else None


def _message(answer: Any) -> str:
    error = (answer or {}).get("error", {})
    return str(error.get("message", error) if isinstance(error, dict) else error).rstrip(".")
