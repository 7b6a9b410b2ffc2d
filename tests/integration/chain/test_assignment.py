"""A job gets its nodes on a real chain: trainers are chosen, then validators are drawn, from wherever it was left."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from backend.domain import effects as fx
from backend.errors import Conflict, NotYet
from fl_nodes.protocol import sortition
from tests.integration.chain.conftest import SEED_BLOCKS, Stage
from tests.support.chains import DEPOSIT_WEI, VALIDATOR


def assign(stage: Stage, ticket, trainers=None, attempt: int = 0) -> str:
    effect = fx.Assign(ticket.id, ticket.job_id, trainers or stage.trainers, attempt)
    return stage.market.carry_out(effect, ticket)


def sent(stage: Stage) -> int:
    """Transactions that the operator has sent."""
    return int(stage.world.web3.eth.get_transaction_count(stage.world.person("operator").address))


def names(stage: Stage, ticket) -> list[str]:
    return [event.name for event in stage.market.job_events(ticket.job_id)]


def leave(stage: Stage, *providers) -> None:
    for provider in providers:
        stage.world.act(provider.wallet, stage.world.contract("NodeStaking").functions.requestExit())


def test_assign__never_paid__is_refused_in_a_sentence(stage):
    with pytest.raises(Conflict, match="None on chain"):
        assign(stage, stage.quoted())


def test_assign__open__chooses_the_trainers_and_waits_for_the_seed(stage):
    ticket = stage.paid()
    before = sent(stage)
    for _ in range(2):
        with pytest.raises(NotYet, match="only after block"):
            assign(stage, ticket, stage.trainers[::-1])
    assert sent(stage) == before + 1
    assert stage.market.job(ticket.job_id).status == "Drawing"
    assert [stage.market.node(t).assigned_jobs for t in stage.trainers] == [1] * 4


def test_assign__seed_mined__draws_once_and_tells_where(stage):
    ticket = stage.drawing()
    before = sent(stage)
    first, second = assign(stage, ticket), assign(stage, ticket)
    assert (first, sent(stage)) == (second, before + 1)
    assert stage.market.job(ticket.job_id).status == "Assigned"
    assert names(stage, ticket) == ["JobOpened", "TrainersChosen", "JobAssigned"]
    drawn = stage.validators(ticket)
    assert len(drawn) == 3
    assert [stage.market.node(node).assigned_jobs for node in (*stage.trainers, *drawn)] == [1] * 7


def test_assign__drawn__are_those_that_the_chains_data_give(stage):
    ticket = stage.drawing()
    record = stage.world.contract("JobEscrow").functions.job(ticket.job_id).call()
    weights = stage.world.contract("NodeStaking").functions.weights(VALIDATOR, record.seedBlock).call()
    assign(stage, ticket)
    block_hash = bytes(stage.world.web3.eth.get_block(record.seedBlock)["hash"])
    seed = sortition.draw_seed(block_hash, bytes.fromhex(ticket.job_id[2:]), keccak)
    barred = (*stage.trainers, ticket.customer)
    drawn = sortition.draw(seed, dict(zip(*weights, strict=True)), barred, 3, keccak)
    assert stage.validators(ticket) == drawn
    assert stage.market.job_events(ticket.job_id)[-1].args["seed"] == "0x" + seed.hex()


def test_assign__other_trainers_chosen_before__keeps_those_on_chain(stage):
    ticket = stage.paid()
    with pytest.raises(NotYet):
        assign(stage, ticket, stage.trainers[:2])
    stage.world.mine(SEED_BLOCKS)
    assign(stage, ticket, stage.trainers[2:], attempt=1)
    assigned = stage.market.job_events(ticket.job_id)[-1]
    assert tuple(assigned.args["trainers"]) == stage.trainers[:2]


def test_assign__a_stranger_drew__tells_where(stage):
    ticket = stage.drawing()
    call = stage.world.contract("JobEscrow").functions.draw(ticket.job_id, stage.trainers)
    tx = stage.world.act(stage.world.person("stranger"), call)
    assert assign(stage, ticket) == tx


def test_assign__a_trainer_that_left__is_refused_in_a_sentence(stage):
    ticket, leaving = stage.paid(), stage.world.trainers[0]
    leave(stage, leaving)
    with pytest.raises(Conflict, match=f"Node {leaving.address} cannot be given a job now.") as refusal:
        assign(stage, ticket)
    assert refusal.value.code == "chain.rejected"


def test_assign__too_few_validators__waits_for_more_and_takes_a_new_seed(stage):
    ticket, (first, second, *rest) = stage.drawing(), stage.world.validators
    leave(stage, second, *rest)
    with pytest.raises(NotYet, match="1 of the 2 validators"):
        assign(stage, ticket)
    staking = stage.world.contract("NodeStaking").functions
    late = stage.world.person("stranger")
    stage.world.act(late, staking.register("late", late.address, VALIDATOR), DEPOSIT_WEI)
    with pytest.raises(NotYet, match="new seed"):
        assign(stage, ticket)
    stage.world.mine(SEED_BLOCKS)
    assign(stage, ticket)
    assert set(stage.validators(ticket)) == {first.address, late.address}


def test_assign__the_seed_grew_too_old__takes_a_new_one(stage):
    ticket = stage.paid(seconds=3_000)
    with pytest.raises(NotYet):
        assign(stage, ticket)
    stage.world.mine(300)
    with pytest.raises(NotYet, match="new seed"):
        assign(stage, ticket)
    stage.world.mine(SEED_BLOCKS)
    assign(stage, ticket)
    assert "JobReseeded" in names(stage, ticket)


def test_cancel__the_judges_can_be_foreseen__waits_until_nobody_drew_them(stage):
    ticket = stage.drawing()
    with pytest.raises(NotYet, match="seeds the draw"):
        stage.market.carry_out(fx.Cancel(ticket.id, ticket.job_id), ticket)
    stage.world.mine(300)
    stage.market.carry_out(fx.Cancel(ticket.id, ticket.job_id), ticket)
    assert stage.market.job(ticket.job_id).status == "Cancelled"


def test_cancel__before_the_draw__refunds_and_frees_the_trainers_once(stage):
    ticket = stage.waiting()
    stage.market.carry_out(fx.Cancel(ticket.id, ticket.job_id), ticket)
    assert stage.market.job(ticket.job_id).status == "Cancelled"
    assert [stage.market.node(t).assigned_jobs for t in stage.trainers] == [1] * 4
    effect, before = fx.Release(ticket.id, ticket.job_id), sent(stage)
    first, second = (stage.market.carry_out(effect, ticket) for _ in range(2))
    assert (first, sent(stage)) == (second, before + 1)
    assert [stage.market.node(t).assigned_jobs for t in stage.trainers] == [0] * 4


def test_release__cancelled_before_anybody_was_chosen__has_nothing_to_do(stage):
    ticket = stage.paid()
    stage.market.carry_out(fx.Cancel(ticket.id, ticket.job_id), ticket)
    before = sent(stage)
    assert stage.market.carry_out(fx.Release(ticket.id, ticket.job_id), ticket) == ""
    assert sent(stage) == before


def test_release__a_stranger_freed_them__tells_where(stage):
    ticket = stage.drawing(seconds=100)
    stage.world.pass_time(101)
    escrow, stranger = stage.world.contract("JobEscrow").functions, stage.world.person("stranger")
    stage.world.act(stranger, escrow.reclaim(ticket.job_id))
    tx = stage.world.act(stranger, escrow.release(ticket.job_id, stage.trainers, ([], [])))
    assert stage.market.carry_out(fx.Release(ticket.id, ticket.job_id), ticket) == tx
