"""Tickets, settler and a real chain together: paid, assigned, judged, ended, paid out; audited at the end."""

from __future__ import annotations

import pytest

from backend.adapters.chain.customer import reclaim
from backend.domain.ticket import (
    Refused,
    Status,
)
from tests.integration.chain.market_office import Office
from tests.support.chains import CHAIN_ID, CONTEST_S, DEPOSIT_WEI
from tests.support.jobs import FEE_WEI, fail_verdict, settle_verdict


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
