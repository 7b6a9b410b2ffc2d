"""A node that is slow, breaks off, is rude, talks nonsense, or is behind: asked again later, and nothing happens twice."""

from __future__ import annotations

import random

import pytest

from backend.adapters.chain.connection import Connection
from backend.adapters.chain.market import Web3Market
from backend.domain import job as words
from backend.domain.effects import PayOut, Settle
from backend.domain.ticket import Status
from backend.errors import Conflict, Recoverable
from backend.settlement.kinds import KINDS
from tests.faults.chain.fickle_rpc import FickleRpc
from tests.integration.chain.conftest import SEED_BLOCKS, Stage
from tests.integration.chain.market_office import Office
from tests.support.jobs import settle_verdict

FAULTS = {
    "cut": "chain.unreachable",
    "429": "chain.limited",
    "500": "chain.unreachable",
    "html": "chain.garbled",
    "garbage": "chain.garbled",
    "list": "chain.garbled",
}
TURNS = 400
"""Of a settler that has bad luck."""


@pytest.fixture
def office(stage: Stage, rpc: FickleRpc) -> Office:
    """Whose market is reached through the proxy."""
    world = stage.world
    return Office(Stage(world, Web3Market(world.deployments, rpc.url, world.key("operator")), stage.carbon))


def persist(office: Office) -> None:
    """Turn after turn, as the settler does, whatever goes wrong in one."""
    for _ in range(TURNS):
        try:
            news = office.look()
        except Recoverable:
            news = 1
        # What is tried again later is due by then.
        office.late += 60.0
        if not news and not office.tickets.effects.pending(KINDS):
            return
    raise AssertionError("never done")


@pytest.mark.parametrize("fault", FAULTS)
def test_reading__node_misbehaves__can_be_retried_and_is_named(
    stage: Stage, rpc: FickleRpc, fault: str
) -> None:
    market = Web3Market(stage.world.deployments, rpc.url, stage.world.key("operator"))
    rpc.fault = lambda method: fault
    with pytest.raises(Recoverable) as trouble:
        market.events(0)
    assert trouble.value.code == FAULTS[fault]
    rpc.fault = lambda method: None
    assert market.events(0)[1] > 0


def test_reading__node_too_slow__can_be_retried(stage: Stage, rpc: FickleRpc) -> None:
    connection = Connection(stage.world.deployments.market, rpc.url, timeout_s=0.3)
    rpc.fault = lambda method: "slow"
    with pytest.raises(Recoverable) as trouble:
        connection.identity()
    assert trouble.value.code == "chain.unreachable"


@pytest.mark.parametrize("fault", ["html", "lost"])
def test_settle__node_misbehaves_as_it_is_sent__is_settled_once(
    office: Office, rpc: FickleRpc, fault: str
) -> None:
    office.judged(settle_verdict(office.stage.trainers))
    sent = iter([fault, fault])
    rpc.fault = lambda method: next(sent, None) if method == "eth_sendRawTransaction" else None
    before = office.stage.world.web3.eth.get_transaction_count(office.stage.world.person("operator").address)
    persist(office)
    assert office.tickets.get("t_1").status is Status.SETTLED
    assert office.audit() == set()
    after = office.stage.world.web3.eth.get_transaction_count(office.stage.world.person("operator").address)
    # A round, the settlement and four payouts, whatever was sent again.
    assert after - before == 6
    assert not [effect for effect in office.tickets.effects.troubled() if effect.state == "failed"]


@pytest.mark.parametrize("seed", [1])
def test_job__every_tenth_answer_is_bad__ends_settled_and_adds_up(
    office: Office, rpc: FickleRpc, seed: int
) -> None:
    luck = random.Random(seed)
    ticket = office.running()
    rpc.fault = lambda method: luck.choice(["lost", *FAULTS]) if luck.random() < 0.1 else None
    office.judge(ticket, settle_verdict(office.stage.trainers))
    persist(office)
    assert office.tickets.get("t_1").status is Status.SETTLED
    assert office.audit() == set()
    assert not [effect for effect in office.tickets.effects.troubled() if effect.state == "failed"]


def test_settle__node_falls_behind__is_not_given_up_and_settles_once_it_has_caught_up(
    office: Office, rpc: FickleRpc
) -> None:
    office.drawing()
    office.stage.world.mine(SEED_BLOCKS)
    rpc.behind_at, behind = None, office.stage.world.web3.eth.block_number
    office.judge(office.started(), settle_verdict(office.stage.trainers))
    # Another node of the same operator, which does not know of the draw: the escrow there refuses to settle.
    rpc.behind_at = behind
    key = Settle("t_1", office.tickets.get("t_1").job_id).key
    for _ in range(3):
        office.settler.run_once()
        office.late += 60.0
    assert office.tickets.effects.state(key) == "open"
    rpc.behind_at = None
    persist(office)
    assert office.tickets.get("t_1").status is Status.SETTLED
    assert office.audit() == set()


def test_pay_out__node_does_not_know_of_the_end_yet__is_not_taken_for_done(
    office: Office, rpc: FickleRpc
) -> None:
    ticket = office.running()
    behind = office.stage.world.web3.eth.block_number
    office.judge(ticket, settle_verdict(office.stage.trainers))
    persist(office)
    rpc.behind_at = behind
    with pytest.raises(Recoverable) as waits:
        office.stage.market.carry_out(PayOut("t_1", ticket.customer, "refund"), office.tickets.get("t_1"))
    assert waits.value.code == "chain.behind"


def test_refusal__of_the_newest_state__is_final(office: Office) -> None:
    ticket = office.running()
    stranger = office.stage.with_verdict(ticket, settle_verdict(office.stage.trainers), signers=1)
    with pytest.raises(Conflict):
        office.stage.market.carry_out(Settle("t_1", ticket.job_id), stranger)
    assert office.stage.market.job(ticket.job_id).status == words.ASSIGNED


def test_following__node_far_behind_what_was_read__waits_and_says_so(office: Office, rpc: FickleRpc) -> None:
    office.running()
    office.stage.world.mine(10)
    office.run()
    rpc.behind_at = office.stage.world.web3.eth.block_number - 8
    with pytest.raises(Recoverable) as waits:
        office.mirror.run_once()
    assert waits.value.code == "chain.behind"
    assert "Nothing is sent until" in waits.value.message
    rpc.behind_at = None
    assert office.mirror.run_once() == 0


def test_following__node_is_one_block_behind__is_no_trouble(office: Office, rpc: FickleRpc) -> None:
    office.running()
    rpc.behind_at = office.stage.world.web3.eth.block_number - 1
    assert office.mirror.run_once() == 0
