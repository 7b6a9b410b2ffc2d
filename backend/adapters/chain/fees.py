"""What a transaction pays for gas: enough to be taken now, more while it waits, and never more than the cap."""

from __future__ import annotations

from dataclasses import dataclass, replace

from web3 import Web3
from web3.exceptions import Web3RPCError
from web3.types import TxParams, Wei

from backend.errors import Recoverable

GWEI = 10**9


@dataclass(frozen=True)
class Pace:
    """How long to wait, in seconds, and how much to pay, in wei per gas."""

    confirmations: int = 1
    stuck_s: float = 20.0
    give_up_s: float = 180.0
    poll_s: float = 0.02
    slowest_poll_s: float = 1.0
    bump_percent: int = 25
    highest_fee_wei: int = 3_000 * GWEI


@dataclass(frozen=True)
class Attempt:
    """A transaction as it is sent and sent again: only its fees change."""

    nonce: int
    transaction: TxParams
    max_fee_wei: int
    tip_wei: int
    legacy: bool

    def can_pay_more(self, pace: Pace) -> bool:
        """Whether enough can be added, a tenth, for a node to take it as a replacement."""
        return self.max_fee_wei * 11 // 10 < pace.highest_fee_wei

    def bumped(self, pace: Pace, at_least_wei: int = 0) -> Attempt:
        """The same for more, and for as much as the chain asks by now."""
        factor = 100 + pace.bump_percent
        wanted = max(self.max_fee_wei * factor // 100 + 1, at_least_wei)
        fee = min(wanted, pace.highest_fee_wei)
        return replace(self, max_fee_wei=fee, tip_wei=min(self.tip_wei * factor // 100 + 1, fee))

    def priced(self) -> TxParams:
        """As it is signed."""
        if self.legacy:
            return {**self.transaction, "gasPrice": Wei(self.max_fee_wei)}
        fees: TxParams = {
            "maxFeePerGas": Wei(self.max_fee_wei),
            "maxPriorityFeePerGas": Wei(self.tip_wei),
            "type": 2,
        }
        return {**self.transaction, **fees}


def first_attempt(web3: Web3, transaction: TxParams, pace: Pace) -> Attempt:
    """At what the chain asks now; Recoverable `chain.fees_high` above the cap."""
    base = asked_wei(web3)
    nonce = int(transaction["nonce"])
    require_affordable(int(web3.eth.gas_price) if base is None else base, pace)
    if base is None:
        return Attempt(nonce, transaction, min(int(web3.eth.gas_price), pace.highest_fee_wei), 0, True)
    try:
        tip = int(web3.eth.max_priority_fee)
    except Web3RPCError:
        tip = GWEI
    fee = min(2 * base + tip, pace.highest_fee_wei)
    return Attempt(nonce, transaction, fee, min(tip, fee), False)


def repriced(web3: Web3, attempt: Attempt, pace: Pace) -> Attempt:
    """The same for more, held against what the chain asks by now, or as it is where no more is allowed; Recoverable
    `chain.fees_high` above the cap."""
    base = asked_wei(web3)
    asked = int(web3.eth.gas_price) if base is None else base
    require_affordable(asked, pace)
    if not attempt.can_pay_more(pace):
        return attempt
    return attempt.bumped(pace, asked if attempt.legacy else 2 * asked + attempt.tip_wei)


def asked_wei(web3: Web3) -> int | None:
    """The base fee of the newest block; None on a chain that has none."""
    base = web3.eth.get_block("latest").get("baseFeePerGas")
    return None if base is None else int(base)


def require_affordable(asked_wei: int, pace: Pace) -> None:
    """Nothing is sent that would only wait in the pool; it goes out when fees have fallen."""
    if asked_wei > pace.highest_fee_wei:
        raise Recoverable(
            "chain.fees_high",
            f"The chain asks {asked_wei / GWEI:.4g} gwei for gas, more than the {pace.highest_fee_wei / GWEI:.4g} gwei that "
            "ECODML_MAX_FEE_GWEI allows: transactions wait until fees fall.",
        )
