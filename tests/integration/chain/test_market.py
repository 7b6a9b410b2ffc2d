"""Every chain effect on a real chain: done once, told where it was done, refused in a sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.adapters.chain.customer import pay
from backend.adapters.chain.market import Web3Market
from backend.domain import effects as fx
from backend.domain.effects import Effect
from backend.errors import Conflict, NotYet, Recoverable
from backend.verification.job_accusations import ARBITRATION_TIMEOUT_S
from tests.integration.chain.conftest import Stage
from tests.support.chains import CONTEST_S, DEPOSIT_WEI, account
from tests.support.jobs import FEE_WEI, fail_verdict, settle_verdict

ROOT = "ab" * 32


def twice(stage: Stage, effect: Effect, ticket) -> str:
    """Carry out twice; the hash of the one transaction that did it."""
    nonce = stage.world.web3.eth.get_transaction_count(stage.world.person("operator").address)
    first, second = (stage.market.carry_out(effect, ticket) for _ in range(2))
    sent = stage.world.web3.eth.get_transaction_count(stage.world.person("operator").address) - nonce
    assert sent == 1
    assert first == second
    assert stage.world.web3.eth.get_transaction_receipt(first)["status"] == 1
    return first


def test_job__unknown__has_status_none(stage):
    assert stage.market.job("0x" + "1" * 64).status == "None"


def test_job__paid__is_the_escrows_record(stage):
    ticket = stage.paid()
    job = stage.market.job(ticket.job_id)
    assert (job.status, job.customer, job.fee_wei) == ("Open", ticket.customer, FEE_WEI)
    assert (job.deadline, job.commission_bps) == (ticket.deadline, stage.market.commission_bps())


def test_node__registered__is_as_the_staking_contract_has_it(stage):
    trainer = stage.world.trainers[0]
    node = stage.market.node(trainer.address.lower())
    assert (node.provider, node.key, node.name) == (trainer.address, trainer.key.address, trainer.name)
    assert (node.roles, node.state, node.deposit_wei) == (("trainer",), "Active", str(DEPOSIT_WEI))
    assert (node.rating_bps, node.frozen, node.assigned_jobs) == (5_000, False, 0)


def test_node__stranger__has_state_none(stage):
    assert stage.market.node(account("nobody").address).state == "None"


def test_record_round__repeated__happens_once(stage):
    ticket = stage.assigned()
    first = twice(stage, fx.RecordRound(ticket.id, ticket.job_id, 1, ROOT), ticket)
    second = twice(stage, fx.RecordRound(ticket.id, ticket.job_id, 2, ROOT), ticket)
    assert (
        stage.market.carry_out(fx.RecordRound(ticket.id, ticket.job_id, 1, ROOT), ticket) == first != second
    )


def test_settle__repeated__pays_once(stage):
    ticket = stage.with_verdict(stage.assigned(), settle_verdict(stage.trainers))
    twice(stage, fx.Settle(ticket.id, ticket.job_id), ticket)
    credit = stage.world.contract("JobEscrow").functions.credit
    paid = [credit(trainer).call() for trainer in stage.trainers]
    assert paid == [int(amount) for amount in ticket.verdict.amounts_wei]
    assert credit(stage.world.person("treasury").address).call() == FEE_WEI * 200 // 10_000


def test_settle__too_few_signatures__is_refused_in_a_sentence(stage):
    ticket = stage.with_verdict(stage.assigned(), settle_verdict(stage.trainers), signers=1)
    with pytest.raises(Conflict, match="1 of the 2 validators' signatures"):
        stage.market.carry_out(fx.Settle(ticket.id, ticket.job_id), ticket)


def test_settle__not_what_the_validators_signed__is_refused(stage):
    ticket = stage.with_verdict(stage.assigned(), settle_verdict(stage.trainers))
    amounts = (str(int(ticket.verdict.amounts_wei[0]) + 1), *ticket.verdict.amounts_wei[1:])
    forged = replace(ticket, verdict=replace(ticket.verdict, amounts_wei=amounts))
    with pytest.raises(Conflict, match="who is no validator of the job"):
        stage.market.carry_out(fx.Settle(ticket.id, ticket.job_id), forged)


def test_settle__malformed_verdict__is_refused_without_stopping_anything(stage):
    ticket = stage.with_verdict(stage.assigned(), settle_verdict(stage.trainers))
    broken = replace(ticket, verdict=replace(ticket.verdict, result_sha256="not hex"))
    with pytest.raises(Conflict, match="cannot be put into a transaction"):
        stage.market.carry_out(fx.Settle(ticket.id, ticket.job_id), broken)
    with pytest.raises(Conflict, match="holds none"):
        stage.market.carry_out(fx.Settle(ticket.id, ticket.job_id), replace(ticket, verdict=None))


def test_fail__repeated__refunds_once_and_freezes(stage):
    culprit = stage.trainers[0]
    ticket = stage.with_verdict(stage.assigned(), fail_verdict([culprit]))
    twice(stage, fx.Fail(ticket.id, ticket.job_id), ticket)
    assert stage.world.contract("JobEscrow").functions.credit(ticket.customer).call() == FEE_WEI
    assert stage.market.node(culprit).frozen


def test_cancel__open__refunds_once(stage):
    ticket = stage.paid()
    twice(stage, fx.Cancel(ticket.id, ticket.job_id), ticket)
    assert stage.market.job(ticket.job_id).status == "Cancelled"


def test_cancel__assigned_in_the_same_moment__gives_the_fee_back_after_the_deadline(stage):
    ticket = stage.assigned(seconds=100)
    effect = fx.Cancel(ticket.id, ticket.job_id)
    with pytest.raises(NotYet) as early:
        stage.market.carry_out(effect, ticket)
    assert 0 < early.value.wait_s <= 100
    stage.world.pass_time(101)
    twice(stage, effect, ticket)
    assert stage.market.job(ticket.job_id).status == "Reclaimed"


def test_reclaim__before_and_after_the_deadline__waits_and_then_refunds_once(stage):
    token = stage.world.contract("DMLToken").functions
    ticket = stage.paid(seconds=100)
    before = token.balanceOf(ticket.customer).call()
    effect = fx.Reclaim(ticket.id, ticket.job_id)
    with pytest.raises(NotYet):
        stage.market.carry_out(effect, ticket)
    stage.world.pass_time(101)
    tx = twice(stage, effect, ticket)
    assert token.balanceOf(ticket.customer).call() == before + FEE_WEI
    assert stage.market.carry_out(fx.PayOut(ticket.id, ticket.customer, "refund"), ticket) == tx


def test_reclaim__settled_job__is_refused(stage):
    ticket = stage.settled()
    with pytest.raises(Conflict, match="Settled on chain"):
        stage.market.carry_out(fx.Reclaim(ticket.id, ticket.job_id), ticket)


def test_reclaim__nodes_at_work__frees_them_afterwards_once(stage):
    ticket = stage.assigned(seconds=100)
    stage.world.pass_time(101)
    stage.market.carry_out(fx.Reclaim(ticket.id, ticket.job_id), ticket)
    crew = (*stage.trainers, *ticket.validators)
    assert {stage.market.node(node).assigned_jobs for node in crew} == {1}
    twice(stage, fx.Release(ticket.id, ticket.job_id), ticket)
    assert {stage.market.node(node).assigned_jobs for node in crew} == {0}


def test_release__settled_by_a_verdict__has_nothing_left_to_do(stage):
    ticket = stage.settled()
    assert stage.market.carry_out(fx.Release(ticket.id, ticket.job_id), ticket) == ""


def test_release__still_at_work__waits_for_the_end(stage):
    ticket = stage.assigned()
    with pytest.raises(Recoverable, match="the end of job") as waits:
        stage.market.carry_out(fx.Release(ticket.id, ticket.job_id), ticket)
    assert waits.value.code == "chain.behind"


def test_settle__scored_work__moves_the_ratings(stage):
    stage.settled()
    ratings = [stage.market.node(trainer).rating_bps for trainer in stage.trainers]
    assert ratings == [(5_000 + (5_000 * 7 + 10_000 * n // 7) // 8) // 2 for n in (4, 5, 6, 7)]


def test_finalize_slash__inside_the_window__says_how_long(stage):
    ticket = stage.failed(stage.trainers[:1])
    with pytest.raises(NotYet) as early:
        stage.market.carry_out(fx.FinalizeSlash(ticket.id, ticket.job_id), ticket)
    assert 1 < early.value.wait_s <= CONTEST_S


def test_finalize_slash__after_the_window__slashes_once_and_shares(stage):
    culprit, *honest = stage.trainers
    ticket = stage.failed((culprit,))
    stage.world.pass_time(CONTEST_S + 1)
    twice(stage, fx.FinalizeSlash(ticket.id, ticket.job_id), ticket)
    assert stage.market.node(culprit).state == "Banned"
    before = stage.world.web3.eth.get_balance(honest[0])
    twice(stage, fx.PayOutDeposit(ticket.id, honest[0], culprit), ticket)
    gained = stage.world.web3.eth.get_balance(honest[0]) - before
    assert gained in (DEPOSIT_WEI // 3, DEPOSIT_WEI // 3 + 1)


def test_finalize_slash__contested__leaves_it_to_the_arbiter(stage):
    culprit = stage.world.trainers[0]
    ticket = stage.failed((culprit.address,))
    escrow = stage.world.contract("JobEscrow").functions
    stage.world.act(culprit.wallet, escrow.contest(ticket.job_id, "0x" + ROOT))
    stage.world.pass_time(CONTEST_S + 1)
    effect = fx.FinalizeSlash(ticket.id, ticket.job_id)
    assert stage.market.carry_out(effect, ticket) == ""
    stage.world.act(stage.world.person("arbiter"), escrow.arbitrate(ticket.job_id, culprit.address, True))
    assert stage.market.carry_out(fx.FinalizeSlash(ticket.id, ticket.job_id), ticket) != ""
    assert stage.market.node(culprit.address).state == "Banned"


def test_finalize_slash__the_arbiter_is_silent__frees_the_accused_after_its_time(stage):
    culprit = stage.world.trainers[0]
    ticket = stage.failed((culprit.address,))
    escrow = stage.world.contract("JobEscrow").functions
    stage.world.act(culprit.wallet, escrow.contest(ticket.job_id, "0x" + ROOT))
    silence = fx.FinalizeSlash(ticket.id, ticket.job_id, after_silence=True)
    stage.world.pass_time(CONTEST_S + 1)
    with pytest.raises(NotYet) as early:
        stage.market.carry_out(silence, ticket)
    assert ARBITRATION_TIMEOUT_S - CONTEST_S <= early.value.wait_s <= ARBITRATION_TIMEOUT_S
    assert stage.market.node(culprit.address).frozen
    stage.world.pass_time(ARBITRATION_TIMEOUT_S)
    twice(stage, silence, ticket)
    after = stage.market.node(culprit.address)
    assert (after.frozen, after.deposit_wei, after.state) == (False, str(DEPOSIT_WEI), "Active")


def test_may_arbitrate__roles_of_the_escrow__arbiter_and_admin_alone(stage):
    asked = ("arbiter", "deployer", "operator", "customer")
    roles = [stage.market.roles(stage.world.person(name).address) for name in asked]
    assert [r.may_arbitrate for r in roles] == [True, True, False, False]
    assert [(r.arbiter, r.admin) for r in roles] == [
        (True, False),
        (False, True),
        (False, False),
        (False, False),
    ]


def test_pay_out__repeated__pays_once(stage):
    ticket = stage.settled()
    payee, amount = ticket.verdict.payees[1], int(ticket.verdict.amounts_wei[1])
    twice(stage, fx.PayOut(ticket.id, payee, f"settled:{payee}"), ticket)
    assert stage.world.contract("DMLToken").functions.balanceOf(payee).call() == amount


def test_pay_out__never_had_a_credit__has_nothing_to_do(stage):
    ticket, stranger = stage.settled(), stage.world.person("stranger").address
    assert stage.market.carry_out(fx.PayOut(ticket.id, stranger, "settled:x"), ticket) == ""


def test_pay_out__job_has_not_ended_here__waits_and_is_not_done(stage):
    ticket = stage.assigned()
    with pytest.raises(Recoverable) as waits:
        stage.market.carry_out(fx.PayOut(ticket.id, stage.trainers[0], "settled:x"), ticket)
    assert waits.value.code == "chain.behind"


def test_carry_out__somebody_else_is_the_operator__is_refused_in_a_sentence(stage):
    ticket = stage.paid()
    world = stage.world
    stranger = Web3Market(world.deployments, world.rpc_url, world.key("stranger"))
    with pytest.raises(Conflict, match=f"The account {world.person('stranger').address} may not do this."):
        stranger.carry_out(fx.Assign(ticket.id, ticket.job_id, stage.trainers), ticket)


def test_events__a_failed_job__are_told_in_order_and_once(stage):
    _, start = stage.market.events(0)
    culprit = stage.trainers[0]
    ticket = stage.failed((culprit,))
    events, following = stage.market.events(start)
    names = [e.name for e in events]
    assert sorted(names) == ["JobAssigned", "JobFailed", "JobOpened", "NodeFrozen", "TrainersChosen"]
    assert stage.market.events(following) == ([], following)
    opened, chosen, assigned, failed = stage.market.job_events(ticket.job_id)
    (frozen,) = (e for e in events if e.name == "NodeFrozen")
    assert opened.args["jobId"] == ticket.job_id
    assert opened.args["specHash"] == "0x" + ticket.spec.hash()
    assert (opened.args["fee"], opened.args["deadline"]) == (FEE_WEI, ticket.deadline)
    assert tuple(chosen.args["trainers"]) == tuple(assigned.args["trainers"]) == stage.trainers
    assert (failed.args["culprits"], failed.args["refund"]) == ([culprit], FEE_WEI)
    assert frozen.args == {"provider": culprit}
    assert [e for e in events if "jobId" in e.args] == [opened, chosen, assigned, failed]


def test_events__two_confirmations_wanted__come_a_block_later(stage):
    world = stage.world
    patient = Web3Market(world.deployments, world.rpc_url, world.key("operator"), confirmations=2)
    world.mine()
    _, start = patient.events(0)
    ticket = stage.quoted()
    world.mine()
    events, start = patient.events(start)
    assert events == []
    pay(world.rpc_url, stage.contracts, world.person("customer"), stage.payment(ticket))
    events, start = patient.events(start)
    assert events == []
    world.mine()
    events, _ = patient.events(start)
    assert [e.name for e in events] == ["JobOpened"]
