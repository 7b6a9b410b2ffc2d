"""What the market chain holds for a provider, and what it asks of one: amounts in wei, times in Unix seconds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Purse:
    """`state` as in `Node`. `exit_at` is when an exiting node's deposit can be withdrawn, else 0; `frozen` counts open accusations.

    `credit_dml_wei` waits in the escrow, `credit_native_wei` (of slashed deposits) in the staking contract; `coins_wei` is in the
    wallet.
    """

    state: str
    deposit_wei: int
    exit_at: int
    assigned_jobs: int
    frozen: int
    credit_dml_wei: int
    credit_native_wei: int
    coins_wei: int
    min_deposit_wei: int
    unbonding_seconds: int
