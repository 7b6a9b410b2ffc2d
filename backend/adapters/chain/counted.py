"""What becomes of the transactions that this process sends and what they cost, for its metrics."""

from __future__ import annotations

from prometheus_client import Counter

SENT, REPLACED, CONFIRMED, FAILED = "sent", "replaced", "confirmed", "failed"
TRANSACTIONS = Counter(
    "ecodml_transactions",
    "Transactions: sent, replaced by one that pays more, confirmed, or failed (mined but refused, stuck, superseded)",
    ["chain", "outcome"],
)
GAS_PAID = Counter(
    "ecodml_gas_paid_coins",
    "What this process paid for gas, in the chain's own coin; transactions that were mined but refused cost as well",
    ["chain"],
)
WEI_PER_COIN = 10**18


def count(chain: str, outcome: str) -> None:
    """One more of these."""
    TRANSACTIONS.labels(chain, outcome).inc()


def paid(chain: str, wei: int) -> None:
    """So much more was paid for gas."""
    GAS_PAID.labels(chain).inc(wei / WEI_PER_COIN)


def begin(chain: str) -> None:
    """Show zeros for a chain from the start: an alert on an increase needs something to increase from."""
    for outcome in (SENT, REPLACED, CONFIRMED, FAILED):
        TRANSACTIONS.labels(chain, outcome)
    GAS_PAID.labels(chain)
