"""Amounts for people. Money is integers of wei everywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WEI_PER_DML = 10**18
_DECIMALS = 18


def dml(wei: int) -> str:
    """Wei as exact DML, without trailing zeros: `0.13 DML`."""
    whole, fraction = divmod(wei, WEI_PER_DML)
    digits = f"{fraction:0{_DECIMALS}d}".rstrip("0")
    return f"{whole}.{digits} DML" if digits else f"{whole} DML"


def privacy(spent: Mapping[str, Any]) -> str:
    """What differential privacy has cost (`fl_nodes.protocol.tasks.PrivacySpent` as JSON), for a sentence."""
    return (
        f"epsilon {spent['epsilon']:.4g} for a node's whole shard, {spent['row_epsilon']:.4g} for one row, "
        f"at delta {spent['delta']:g} after {spent['rounds']} rounds"
    )
