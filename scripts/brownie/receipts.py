"""Makes Brownie wait for a transaction's receipt before it judges the transaction.

Anvil counts a transaction's nonce a moment before its receipt can be read. Brownie looks at the nonce first
and takes such a transaction for dropped, and when it does wait, it sleeps whole seconds.
"""

from contextlib import suppress

from brownie import web3  # type: ignore[import-not-found]
from brownie.network.transaction import TransactionReceipt  # type: ignore[import-not-found]
from web3.exceptions import TimeExhausted

RECEIPT_TIMEOUT_S = 10
RECEIPT_POLL_S = 0.02


def wait_for_receipts() -> None:
    """Changes Brownie in this process, once."""
    judge = TransactionReceipt._await_confirmation  # noqa: SLF001
    if judge.__name__ == "patiently":
        return

    def patiently(
        receipt: TransactionReceipt, block_number: int | None = None, required_confs: int = 1
    ) -> None:
        # After that the chain is slow or the transaction was dropped: Brownie's own waiting tells which.
        with suppress(TimeExhausted):
            if required_confs > 0:
                web3.eth.wait_for_transaction_receipt(
                    receipt.txid, timeout=RECEIPT_TIMEOUT_S, poll_latency=RECEIPT_POLL_S
                )
        judge(receipt, block_number, required_confs)

    TransactionReceipt._await_confirmation = patiently  # noqa: SLF001
