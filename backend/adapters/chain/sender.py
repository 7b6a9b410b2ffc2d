"""The one path of every write: is it done? would it work? send, see it mined, see it stay.

An account has one transaction in flight, always at the account's next mined nonce. What a dead process left in the
pool is therefore replaced and never followed: only one of the two can be mined, and since every call here is refused
by its contract the second time, a retry starts again from "is it done?" and can do nothing twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog
from eth_account import Account
from eth_account.signers.local import LocalAccount
from hexbytes import HexBytes
from web3 import Web3
from web3.contract.contract import ContractFunction
from web3.exceptions import ContractLogicError, TransactionNotFound, Web3RPCError
from web3.types import BlockIdentifier, TxParams, TxReceipt, Wei

from backend.adapters.chain.connection import Connection, revert_data, rpc_message
from backend.adapters.chain.counted import CONFIRMED, FAILED, REPLACED, SENT, count, paid
from backend.adapters.chain.fees import Attempt, Pace, first_attempt, repriced
from backend.errors import Conflict, EcoError, Invalid, Recoverable

log = structlog.get_logger()

UNDERPRICED = ("underpriced", "replacement", "fee too low", "less than block base fee")
KNOWN = ("already known", "already imported", "known transaction")
NONCE_USED = ("nonce too low", "nonce is too low", "invalid nonce")
BROKE = ("insufficient funds", "sender doesn't have enough funds")


class Sender:
    """Writes of one account on one chain, one after the other.

    `replaces` is false for a person's account: what its wallet has in flight is followed, not replaced.
    """

    def __init__(
        self,
        connection: Connection,
        key: str | LocalAccount,
        pace: Pace | None = None,
        replaces: bool = True,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._account: LocalAccount = _account(key) if isinstance(key, str) else key
        self._pace = pace or Pace()
        self._replaces = replaces
        self._sleep = sleep
        self._clock = clock
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """Checksum address of the account that pays for gas."""
        return str(self._account.address)

    def send(self, call: ContractFunction, done: Callable[[], str | None]) -> str:
        """Carry out `call` unless `done()` returns the hash (or "") of what did it already; the confirmed hash.

        Conflict `chain.rejected` when the contract refuses, Recoverable for all that a retry may mend.
        """
        with self._lock:
            found = done()
            if found is not None:
                return found
            try:
                return self._carry_out(
                    {
                        "from": self._account.address,
                        "to": Web3.to_checksum_address(call.address),
                        "data": call._encode_transaction_data(),  # noqa: SLF001 -- build_transaction would ask for fees
                        "chainId": self._chain_id,
                    }
                )
            except Conflict:
                # Where the refusal was seen: a node that is behind would not know who did it.
                with self._connection.use(), self._connection.at(self._connection.newest()):
                    found = done()
                if found is not None:
                    return found
                raise

    def transfer(self, to: str, value_wei: int) -> str:
        """Send native coin; the confirmed hash. Not idempotent: only for handing out coins."""
        with self._lock:
            return self._carry_out(
                {
                    "from": self._account.address,
                    "to": Web3.to_checksum_address(to),
                    "value": Wei(value_wei),
                    "chainId": self._chain_id,
                }
            )

    @property
    def _chain_id(self) -> int:
        return self._connection.network.chain_id

    def _carry_out(self, transaction: TxParams) -> str:
        with self._connection.use() as web3:
            self._connection.verify()
            gas = self._dry_run(web3, transaction)
            nonce = web3.eth.get_transaction_count(
                self._account.address, "latest" if self._replaces else "pending"
            )
            attempt = first_attempt(web3, {**transaction, "gas": gas, "nonce": nonce}, self._pace)
            try:
                tx = self._see_through(web3, attempt)
            except EcoError:
                count(self._connection.network.name, FAILED)
                raise
            count(self._connection.network.name, CONFIRMED)
            return tx

    def _dry_run(self, web3: Web3, transaction: TxParams) -> int:
        """Gas to allow. A refusal counts only if the newest mined state that was ever seen refuses as well: the pending one may
        hold a transaction of our own that is about to be replaced, and a node may be behind."""
        refusal = self._refusal(web3, transaction, "pending")
        if refusal is not None:
            if self._refusal(web3, transaction, self._connection.newest()) is None:
                raise Recoverable(
                    "chain.in_flight", "A pending transaction is about to change this; trying again after it."
                )
            raise refusal
        estimated = web3.eth.estimate_gas(transaction, "pending")
        limit = int(web3.eth.get_block("latest")["gasLimit"])
        return min(estimated * 12 // 10 + 10_000, limit)

    def _refusal(self, web3: Web3, transaction: TxParams, block: BlockIdentifier) -> EcoError | None:
        try:
            web3.eth.call(transaction, block)
        except ContractLogicError as error:
            return self._connection.refusals.decode(revert_data(error)).error()
        return None

    def _see_through(self, web3: Web3, attempt: Attempt) -> str:
        attempt, newest = self._submit(web3, attempt)
        count(self._connection.network.name, SENT)
        sent = [newest]
        started = bumped_at = self._clock()
        poll = self._pace.poll_s
        while True:
            receipt = _receipt(web3, sent)
            if receipt is None and self._is_used(web3, attempt.nonce):
                # A busy node counts a transaction a moment before it knows the receipt; a reorganisation may take it back.
                self._sleep(self._pace.slowest_poll_s)
                receipt = _receipt(web3, sent)
                if receipt is None and self._is_used(web3, attempt.nonce):
                    raise Recoverable(
                        "chain.superseded", "Another transaction took this one's place; looking again."
                    )
            if receipt is not None and self._confirmed(web3, receipt):
                return self._outcome(receipt)
            now = self._clock()
            if now - started > self._pace.give_up_s:
                raise Recoverable(
                    "chain.stuck", f"Transaction {Web3.to_hex(newest)} is not confirmed; looking again later."
                )
            if receipt is None and now - bumped_at > self._pace.stuck_s:
                dearer = repriced(web3, attempt, self._pace)
                if dearer != attempt and not self._is_used(web3, attempt.nonce):
                    attempt, newest = self._submit(web3, dearer)
                    sent.append(newest)
                    count(self._connection.network.name, REPLACED)
                    log.warning(
                        "transaction.bumped",
                        tx=Web3.to_hex(newest),
                        nonce=attempt.nonce,
                        fee_wei=attempt.max_fee_wei,
                    )
                bumped_at = now
            self._sleep(poll)
            poll = min(poll * 1.5, self._pace.slowest_poll_s)

    def _is_used(self, web3: Web3, nonce: int) -> bool:
        return web3.eth.get_transaction_count(self._account.address, "latest") > nonce

    def _submit(self, web3: Web3, attempt: Attempt) -> tuple[Attempt, HexBytes]:
        """Hand over to the pool, paying as much more as it takes to replace what is there."""
        while True:
            signed = self._account.sign_transaction(attempt.priced())  # type: ignore[arg-type]
            try:
                return attempt, web3.eth.send_raw_transaction(signed.raw_transaction)
            except Web3RPCError as error:
                said = rpc_message(error).lower()
                if any(words in said for words in KNOWN):
                    return attempt, signed.hash
                if any(words in said for words in NONCE_USED):
                    raise Recoverable(
                        "chain.superseded", "Another transaction took this one's place; looking again."
                    ) from error
                if any(words in said for words in BROKE):
                    raise Recoverable("chain.no_gas", f"{self.address} cannot pay for gas.") from error
                if not any(words in said for words in UNDERPRICED):
                    raise
                if attempt.max_fee_wei >= self._pace.highest_fee_wei:
                    raise Recoverable(
                        "chain.in_flight",
                        "A pending transaction of this account pays too much to be replaced within ECODML_MAX_FEE_GWEI; "
                        "waiting until it is mined.",
                    ) from error
                attempt = attempt.bumped(self._pace)

    def _confirmed(self, web3: Web3, receipt: TxReceipt) -> bool:
        return web3.eth.block_number - int(receipt["blockNumber"]) + 1 >= self._pace.confirmations

    def _outcome(self, receipt: TxReceipt) -> str:
        tx = Web3.to_hex(receipt["transactionHash"])
        self._connection.saw(int(receipt["blockNumber"]))
        # A metric never stands in the way of what was done: older nodes leave the price out.
        price_wei = int(receipt.get("effectiveGasPrice", 0))
        paid(self._connection.network.name, int(receipt["gasUsed"]) * price_wei)
        if receipt["status"] == 0:
            raise Recoverable(
                "chain.reverted",
                f"Transaction {tx} was mined but refused: the chain had changed; looking again.",
            )
        log.info(
            "transaction.confirmed", tx=tx, block=int(receipt["blockNumber"]), gas=int(receipt["gasUsed"])
        )
        return tx


def _receipt(web3: Web3, sent: list[HexBytes]) -> TxReceipt | None:
    for tx in reversed(sent):
        try:
            return web3.eth.get_transaction_receipt(tx)
        except TransactionNotFound:
            continue
    return None


def _account(key: str) -> LocalAccount:
    try:
        account: LocalAccount = Account.from_key(key)
    except ValueError as error:
        raise Invalid("chain.key", "The chain key is not a private key (32 bytes, hex).") from error
    return account
