"""What becomes of the transactions that this process sends, for its metrics."""

from __future__ import annotations

from prometheus_client import Counter

SENT, REPLACED, CONFIRMED, FAILED = "sent", "replaced", "confirmed", "failed"
TRANSACTIONS = Counter(
    "ecodml_transactions",
    "Transactions: sent, replaced by one that pays more, confirmed, or failed (mined but refused, stuck, superseded)",
    ["chain", "outcome"],
)


def count(chain: str, outcome: str) -> None:
    """One more of these."""
    TRANSACTIONS.labels(chain, outcome).inc()


def begin(chain: str) -> None:
    """Show zeros for a chain from the start: an alert on an increase needs something to increase from."""
    for outcome in (SENT, REPLACED, CONFIRMED, FAILED):
        TRANSACTIONS.labels(chain, outcome)
