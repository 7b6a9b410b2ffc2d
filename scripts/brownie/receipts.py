"""Makes Brownie wait for a transaction's receipt before it judges the transaction.

Anvil counts a transaction's nonce a moment before its receipt can be read. Brownie looks at the nonce first and takes
such a transaction for dropped, and when it does wait, it sleeps whole seconds.
"""

from brownie import web3
from brownie.network.transaction import TransactionReceipt
from web3.exceptions import TimeExhausted

RECEIPT_TIMEOUT_S = 10
RECEIPT_POLL_S = 0.02


def wait_for_receipts() -> None:
    """Changes Brownie in this process, once."""
    judge = TransactionReceipt._await_confirmation
    if judge.__name__ == "patiently":
        return

    def patiently(receipt: TransactionReceipt, block_number: int | None = None, required_confs: int = 1) -> None:
        if required_confs > 0:
            try:
                web3.eth.wait_for_transaction_receipt(
                    receipt.txid, timeout=RECEIPT_TIMEOUT_S, poll_latency=RECEIPT_POLL_S
                )
            except TimeExhausted:
                # A slow chain, or a transaction that really was dropped: Brownie's own waiting tells which.
                pass
        judge(receipt, block_number, required_confs)

    TransactionReceipt._await_confirmation = patiently
