"""Tickets, settler and a real chain together: paid, assigned, judged, ended, paid out; audited at the end."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from backend.adapters.chain.audit import audit_money
from backend.adapters.chain.customer import pay, reclaim
from backend.adapters.memory import MemoryCursors, MemoryNodes, MemoryTickets
from backend.domain.ticket import (
    Accepted,
    Refused,
    RoundClosed,
    RoundRecord,
    Selected,
    Status,
    Ticket,
    TrainingFinished,
    Uploaded,
    VerdictRecord,
    VerdictSigned,
)
from backend.settlement.mirror import Mirror
from backend.settlement.reconcile import reconcile
from backend.settlement.settler import KINDS, Settler
from tests.integration.chain.conftest import SEED_BLOCKS, Stage
from tests.support.chains import CHAIN_ID, CONTEST_S, DEPOSIT_WEI
from tests.support.jobs import FACTS, FEE_WEI, fail_verdict, settle_verdict


@dataclass
class Office:
    """The backend's side of a stage; its clock is the chain's."""

    stage: Stage

    def __post_init__(self) -> None:
        self.late = 0.0
        self.tickets = MemoryTickets(self.clock)
        self.nodes, self.cursors = MemoryNodes(), MemoryCursors()
        self.mirror = Mirror(self.stage.market, self.tickets, self.nodes, self.cursors)
        self.settler = Settler(self.stage.market, self.stage.carbon, self.tickets, self.tickets.effects)

    def clock(self) -> float:
        return self.stage.world.now() + self.late

    def run(self) -> None:
        """Until nothing is left to do, however often it must be tried."""
        for _ in range(20):
            news = self.mirror.run_once() + self.settler.run_once()
            news += reconcile(self.tickets, self.stage.market, self.clock)
            waiting = self.tickets.effects.pending(KINDS)
            if not news and not waiting:
                return
            self.late += 1.0
        raise AssertionError(f"still to do: {[queued.key for queued in waiting]}")

    def pass_time(self, seconds: int) -> None:
        self.stage.world.pass_time(seconds)
        self.late += seconds

    def paid(self, seconds: int = 600) -> Ticket:
        ticket = self.stage.quoted(seconds=seconds)
        self.tickets.add(ticket)
        customer = self.stage.world.person("customer")
        pay(self.stage.world.rpc_url, self.stage.contracts, customer, self.stage.payment(ticket))
        self.run()
        return self.tickets.get("t_1")

    def drawing(self, seconds: int = 600) -> Ticket:
        self.paid(seconds)
        self.tickets.advance("t_1", Uploaded("key"))
        self.tickets.advance("t_1", Accepted(FACTS))
        self.tickets.advance("t_1", Selected(self.stage.trainers))
        self.run()
        return self.tickets.get("t_1")

    def running(self, seconds: int = 600) -> Ticket:
        self.drawing(seconds)
        self.stage.world.mine(SEED_BLOCKS)
        self.late += 1.0
        self.run()
        return self.tickets.get("t_1")

    def bound(self) -> set[str]:
        """Nodes that a job holds, as mirrored."""
        self.mirror.run_once()
        return {node.provider for node in self.nodes.all() if node.assigned_jobs}

    def judged(self, verdict: VerdictRecord) -> Ticket:
        ticket = self.running()
        self.tickets.advance("t_1", RoundClosed(RoundRecord(1, "ab" * 32, "key", "cd" * 32, {}, (), 1.0)))
        self.tickets.advance("t_1", TrainingFinished({}, {}, {}))
        signed = self.stage.with_verdict(ticket, verdict).verdict
        assert signed is not None
        return self.tickets.advance("t_1", VerdictSigned(signed))

    def audit(self) -> set[str]:
        """Rules that do not hold."""
        found = audit_money(
            self.stage.world.rpc_url, self.stage.world.deployments, [self.tickets.get("t_1").job_id]
        )
        return {name for name, holds in found.items() if not holds}


@pytest.fixture
def office(stage) -> Office:
    return Office(stage)


def test_journey__good_work__pays_the_trainers(office):
    token = office.stage.world.contract("DMLToken").functions
    office.judged(settle_verdict(office.stage.trainers))
    office.run()
    ticket = office.tickets.get("t_1")
    assert ticket.status == Status.SETTLED
    assert [m.status for m in ticket.timeline][-3:] == [Status.VERIFYING, Status.SETTLING, Status.SETTLED]
    held = [str(token.balanceOf(trainer).call()) for trainer in office.stage.trainers]
    assert tuple(held) == ticket.verdict.amounts_wei
    assert office.bound() == set()
    assert office.nodes.get(ticket.trainers[-1]).rating_bps == (5_000 + (5_000 * 7 + 10_000) // 8) // 2
    assert office.audit() == set()


def test_journey__cheated__refunds_the_customer_and_slashes_the_culprit(office):
    world, (culprit, *honest) = office.stage.world, office.stage.trainers
    token = world.contract("DMLToken").functions
    before = token.balanceOf(world.person("customer").address).call()
    balances = [world.web3.eth.get_balance(node) for node in honest]
    office.judged(fail_verdict([culprit]))
    office.run()
    assert office.tickets.get("t_1").status == Status.REFUNDED
    assert token.balanceOf(world.person("customer").address).call() == before
    assert office.nodes.get(culprit).frozen
    office.pass_time(CONTEST_S + 1)
    office.run()
    ticket = office.tickets.get("t_1")
    assert ticket.slashed == {culprit: str(DEPOSIT_WEI)}
    gains = [world.web3.eth.get_balance(node) - b for node, b in zip(honest, balances, strict=True)]
    assert gains == [int(ticket.deposits_received_wei[node]) for node in honest]
    assert (sum(gains), office.nodes.get(culprit).state) == (DEPOSIT_WEI, "Banned")
    assert office.audit() == set()


def test_journey__nobody_finishes__the_deadline_refunds(office):
    token = office.stage.world.contract("DMLToken").functions
    ticket = office.running(seconds=100)
    before = token.balanceOf(ticket.customer).call()
    office.pass_time(101)
    office.run()
    after = office.tickets.get("t_1")
    assert (after.status, after.refusal.code) == (Status.REFUNDED, "job.expired")
    assert token.balanceOf(ticket.customer).call() == before + FEE_WEI
    assert office.bound() == set()
    assert office.audit() == set()


def test_journey__cancelled_before_the_draw__refunds_and_frees_the_trainers(office):
    token = office.stage.world.contract("DMLToken").functions
    ticket = office.drawing()
    before = token.balanceOf(ticket.customer).call()
    assert office.bound() == set(office.stage.trainers)
    office.tickets.advance("t_1", Refused("ticket.cancelled", "Cancelled."))
    office.run()
    assert office.tickets.get("t_1").status == Status.REFUNDED
    assert token.balanceOf(ticket.customer).call() == before + FEE_WEI
    assert office.bound() == set()
    assert office.audit() == set()


def test_journey__the_customer_reclaims_alone__frees_the_nodes(office):
    world = office.stage.world
    ticket = office.running(seconds=100)
    office.pass_time(101)
    customer = world.person("customer")
    reclaim(world.rpc_url, CHAIN_ID, office.stage.contracts["JobEscrow"]["address"], customer, ticket.job_id)
    office.run()
    after = office.tickets.get("t_1")
    assert (after.status, after.refusal.code) == (Status.REFUNDED, "job.reclaimed")
    assert office.bound() == set()
    assert office.audit() == set()
