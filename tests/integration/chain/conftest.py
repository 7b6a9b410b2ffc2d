"""One real chain for the folder; every test finds it as freshly deployed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from backend.adapters.chain.carbon import Web3Carbon
from backend.adapters.chain.customer import pay
from backend.adapters.chain.market import Web3Market
from backend.api.quotes import payment
from backend.domain.effects import Assign, Fail, Settle
from backend.domain.ticket import Ticket, VerdictRecord
from backend.errors import NotYet
from tests.support.chains import ChainWorld, chain_world
from tests.support.jobs import fail_verdict, quoted_ticket, settle_verdict, signed

SEED_BLOCKS = 3


@dataclass(frozen=True)
class Stage:
    """A chain, the adapters under test, and the ways a job moves on it."""

    world: ChainWorld
    market: Web3Market
    carbon: Web3Carbon

    @property
    def trainers(self) -> tuple[str, ...]:
        """Wallets of the trainers."""
        return tuple(provider.address for provider in self.world.trainers)

    @property
    def contracts(self) -> dict[str, Any]:
        """The market's contracts as `/api/config` tells of them."""
        found: dict[str, Any] = self.world.document["market"]["contracts"]
        return found

    def payment(self, ticket: Ticket) -> dict[str, Any]:
        """What the API would have the customer pay."""
        return payment(self.contracts, self.world.deployments.market.chain_id, ticket)

    def quoted(self, name: str = "t_1", seconds: int = 600) -> Ticket:
        """A quoted ticket of the customer."""
        return quoted_ticket(name, str(self.world.person("customer").address), self.world.now() + seconds)

    def paid(self, name: str = "t_1", seconds: int = 600) -> Ticket:
        """A ticket whose job is open."""
        ticket = self.quoted(name, seconds)
        pay(self.world.rpc_url, self.contracts, self.world.person("customer"), self.payment(ticket))
        return ticket

    def waiting(self, name: str = "t_1", seconds: int = 600) -> Ticket:
        """A ticket whose job has all four trainers, and whose seed's block is still to come."""
        ticket = self.paid(name, seconds)
        with pytest.raises(NotYet):
            self.market.carry_out(Assign(ticket.id, ticket.job_id, self.trainers), ticket)
        return ticket

    def drawing(self, name: str = "t_1", seconds: int = 600) -> Ticket:
        """A ticket whose job has all four trainers, and whose validators can be drawn."""
        ticket = self.waiting(name, seconds)
        self.world.mine(SEED_BLOCKS)
        return ticket

    def assigned(self, name: str = "t_1", seconds: int = 600) -> Ticket:
        """A ticket whose job all four trainers hold."""
        ticket = self.drawing(name, seconds)
        self.market.carry_out(Assign(ticket.id, ticket.job_id, self.trainers), ticket)
        return replace(ticket, trainers=self.trainers, validators=self.validators(ticket))

    def settled(self, name: str = "t_1") -> Ticket:
        """A ticket whose job is settled."""
        ticket = self.with_verdict(self.assigned(name), settle_verdict(self.trainers))
        self.market.carry_out(Settle(ticket.id, ticket.job_id), ticket)
        return ticket

    def failed(self, culprits: tuple[str, ...], name: str = "t_1") -> Ticket:
        """A ticket whose job failed and named these."""
        ticket = self.with_verdict(self.assigned(name), fail_verdict(culprits))
        self.market.carry_out(Fail(ticket.id, ticket.job_id), ticket)
        return ticket

    def validators(self, ticket: Ticket) -> tuple[str, ...]:
        """Who was drawn."""
        (assigned,) = (e for e in self.market.job_events(ticket.job_id) if e.name == "JobAssigned")
        return tuple(assigned.args["validators"])

    def with_verdict(self, ticket: Ticket, verdict: VerdictRecord, signers: int = 2) -> Ticket:
        """The ticket with a verdict that this many of its validators signed."""
        keys = {provider.address: provider.key for provider in self.world.validators}
        chosen = [keys[v] for v in ticket.validators[:signers]]
        return replace(
            ticket,
            verdict=signed(verdict, ticket.job_id, self.market.chain_id, self.market.escrow_address, chosen),
        )


@pytest.fixture(scope="session")
def chain() -> Iterator[ChainWorld]:
    """The chain, once."""
    with chain_world() as world:
        yield world


@contextmanager
def staged(chain: ChainWorld) -> Iterator[Stage]:
    """The chain as it was deployed, and is again afterwards, with the operator's adapters."""
    with chain.unchanged():
        deployments, key = chain.deployments, chain.key("operator")
        yield Stage(
            chain, Web3Market(deployments, chain.rpc_url, key), Web3Carbon(deployments, chain.rpc_url, key)
        )


@pytest.fixture
def stage(chain: ChainWorld) -> Iterator[Stage]:
    """The chain as it was deployed, with the operator's adapters."""
    with staged(chain) as stage:
        yield stage
