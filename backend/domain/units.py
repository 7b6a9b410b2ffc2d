"""Amounts for people. Money is integers of wei everywhere else."""

from __future__ import annotations

WEI_PER_DML = 10**18
_DECIMALS = 18


def dml(wei: int) -> str:
    """Wei as exact DML, without trailing zeros: `0.13 DML`."""
    whole, fraction = divmod(wei, WEI_PER_DML)
    digits = f"{fraction:0{_DECIMALS}d}".rstrip("0")
    return f"{whole}.{digits} DML" if digits else f"{whole} DML"
