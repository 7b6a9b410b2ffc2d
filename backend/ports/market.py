"""The market chain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from backend.domain.effects import Effect, SetBaseline
from backend.domain.node import Node
from backend.domain.purse import Purse
from backend.domain.ticket import Ticket


@dataclass(frozen=True)
class ChainEvent:
    """A decoded, confirmed event. Addresses in `args` are checksummed, bytes are 0x hex."""

    contract: str
    name: str
    args: dict[str, Any]
    block: int
    log_index: int
    tx: str
    block_hash: str = ""


@dataclass(frozen=True)
class JobOnChain:
    """The escrow's record of a job; `status` is its name in the contract (`None` as "None")."""

    job_id: str
    customer: str
    fee_wei: int
    deadline: int
    status: str
    commission_bps: int


@dataclass(frozen=True)
class Roles:
    """What an account may do in the escrow: decide contested accusations, administer it."""

    arbiter: bool = False
    admin: bool = False

    @property
    def may_arbitrate(self) -> bool:
        """Whether it decides contested accusations, or says who does."""
        return self.arbiter or self.admin


class MarketChain(Protocol):
    """The market chain: escrow, staking, token."""

    chain_id: int
    escrow_address: str

    def job(self, job_id: str) -> JobOnChain:
        """The job's record."""

    def commission_bps(self) -> int:
        """Current commission for new jobs."""

    def events(self, from_block: int) -> tuple[list[ChainEvent], int]:
        """All events of our contracts from `from_block` on, in order, and the next block to ask for."""

    def block_hash(self, block: int) -> str:
        """A block's hash, now; Recoverable where there is no such block."""

    def node(self, provider: str) -> Node:
        """A provider's standing."""

    def roles(self, account: str) -> Roles:
        """The account's roles in the escrow."""

    def carry_out(self, effect: Effect, ticket: Ticket) -> str:
        """Do a chain effect exactly once: check whether it is done, dry-run, send, wait for the receipt.

        Returns the transaction hash, or "" when nothing was left to do. Recoverable for anything a retry may mend
        (node down, window not over), Conflict `chain.rejected` when the contract refuses.
        """


class Purses(Protocol):
    """Providers' money on the market chain, for the one it belongs to."""

    def of(self, provider: str) -> Purse:
        """A provider's; that of a stranger has the state "None"."""

    def contest_until(self, job_id: str) -> int:
        """Until when the accused of a job may contest, in Unix seconds; 0 where nobody is."""


class Rater(Protocol):
    """The market chain to the account that may set baselines."""

    def set_baseline(self, effect: SetBaseline) -> str:
        """Do it unless it is done; the transaction's hash. Recoverable, Conflict as `MarketChain.carry_out`."""
