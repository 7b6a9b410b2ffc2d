"""The customer's own dealings with the escrow."""

from __future__ import annotations

import pytest

from backend.adapters.chain.customer import balance, escrowed, pay, reclaim
from backend.domain.effects import Cancel
from backend.errors import Conflict, Invalid, NotYet, Recoverable, Unrecoverable
from tests.support.chains import CHAIN_ID, DML, account
from tests.support.jobs import FEE_WEI


def test_pay__one_transaction__opens_the_job_as_quoted(stage):
    ticket, customer = stage.quoted(), stage.world.person("customer")
    nonce = stage.world.web3.eth.get_transaction_count(customer.address)
    tx = pay(stage.world.rpc_url, stage.contracts, customer, stage.payment(ticket))
    assert stage.world.web3.eth.get_transaction_count(customer.address) == nonce + 1
    assert stage.market.job(ticket.job_id).status == "Open"
    assert [e.tx for e in stage.market.job_events(ticket.job_id)] == [tx]


def test_pay__again__pays_once_and_tells_the_same_transaction(stage):
    ticket, customer = stage.quoted(), stage.world.person("customer")
    token = stage.world.contract("DMLToken").functions
    before = token.balanceOf(customer.address).call()
    first = pay(stage.world.rpc_url, stage.contracts, customer, stage.payment(ticket))
    assert pay(stage.world.rpc_url, stage.contracts, customer, stage.payment(ticket)) == first
    assert token.balanceOf(customer.address).call() == before - FEE_WEI


def test_pay__somebody_elses_quote__pays_nothing(stage):
    stage.world.mint(stage.world.person("stranger").address, DML)
    with pytest.raises(Invalid, match="The quote is not for"):
        pay(
            stage.world.rpc_url,
            stage.contracts,
            stage.world.person("stranger"),
            stage.payment(stage.quoted()),
        )


def test_pay__another_escrow_than_the_markets__pays_nothing(stage):
    payment = stage.payment(stage.quoted()) | {"escrow": account("thief").address}
    with pytest.raises(Invalid, match="another JobEscrow"):
        pay(stage.world.rpc_url, stage.contracts, stage.world.person("customer"), payment)


def test_pay__too_little_dml__is_refused_in_a_sentence(stage):
    customer = stage.world.person("customer")
    token = stage.world.contract("DMLToken").functions
    held = token.balanceOf(customer.address).call()
    stage.world.act(customer, token.transfer(account("sink").address, held - 1))
    with pytest.raises(Conflict, match=f"holds 1 of the {FEE_WEI} wei of DML needed"):
        pay(stage.world.rpc_url, stage.contracts, customer, stage.payment(stage.quoted()))


def test_pay__deadline_too_near__is_refused_in_a_sentence(stage):
    ticket = stage.quoted(seconds=5)
    with pytest.raises(Conflict, match=f"The deadline {ticket.deadline} is outside"):
        pay(stage.world.rpc_url, stage.contracts, stage.world.person("customer"), stage.payment(ticket))


def test_reclaim__after_the_deadline__returns_the_fee_without_the_operator(stage):
    ticket, customer = stage.assigned(seconds=100), stage.world.person("customer")
    rpc_url, escrow = stage.world.rpc_url, stage.market.escrow_address
    job = escrowed(rpc_url, CHAIN_ID, escrow, ticket.job_id)
    assert (job.status, job.fee_wei, job.deadline) == ("Assigned", FEE_WEI, ticket.deadline)
    assert job.chain_time == stage.world.now()
    with pytest.raises(NotYet):
        reclaim(rpc_url, CHAIN_ID, escrow, customer, ticket.job_id)
    stage.world.pass_time(101)
    token = stage.world.contract("DMLToken").functions
    before = token.balanceOf(customer.address).call()
    tx = reclaim(rpc_url, CHAIN_ID, escrow, customer, ticket.job_id)
    assert reclaim(rpc_url, CHAIN_ID, escrow, customer, ticket.job_id) == tx
    assert token.balanceOf(customer.address).call() == before + FEE_WEI


def test_reclaim__cancelled_before__is_refused_in_a_sentence(stage):
    ticket = stage.paid()
    stage.market.carry_out(Cancel(ticket.id, ticket.job_id), ticket)
    with pytest.raises(Conflict, match="is Cancelled on chain"):
        reclaim(
            stage.world.rpc_url,
            CHAIN_ID,
            stage.market.escrow_address,
            stage.world.person("customer"),
            ticket.job_id,
        )


def test_balance__an_account__is_what_it_holds(stage):
    token = stage.contracts["DMLToken"]["address"]
    held = balance(stage.world.rpc_url, CHAIN_ID, token, stage.world.person("customer").address)
    assert held.dml_wei == 1_000 * DML
    assert held.native_wei >= 99 * DML
    assert 0 < held.gas_wei < DML // 100
    assert balance(stage.world.rpc_url, CHAIN_ID, token, account("nobody").address).native_wei == 0


def test_balance__wrong_chain_or_none__is_said(stage):
    token = stage.contracts["DMLToken"]["address"]
    with pytest.raises(Unrecoverable) as wrong:
        balance(stage.world.rpc_url, 1, token, token)
    assert wrong.value.code == "chain.wrong"
    with pytest.raises(Recoverable) as silent:
        balance("http://127.0.0.1:9", CHAIN_ID, token, token)
    assert silent.value.code == "chain.unreachable"
