"""The audit reads honest books from a real chain, and sees what is wrong with dishonest ones."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.adapters.chain.audit import audit_money, read_books
from backend.adapters.chain.connection import Connection
from backend.adapters.chain.money import MoneySums
from backend.domain import effects as fx
from backend.settlement.invariants import money_invariants
from tests.support.chains import CONTEST_S, DEPOSIT_WEI


@pytest.fixture
def jobs(stage):
    """One job of every end, everything paid out that can be."""
    settled = stage.settled("settled")
    failed = stage.failed(stage.trainers[:1], "failed")
    stage.world.pass_time(CONTEST_S + 1)
    stage.market.carry_out(fx.FinalizeSlash(failed.id, failed.job_id), failed)
    cancelled = stage.paid("cancelled")
    stage.market.carry_out(fx.Cancel(cancelled.id, cancelled.job_id), cancelled)
    reclaimed = stage.paid("reclaimed", seconds=60)
    stage.world.pass_time(61)
    stage.market.carry_out(fx.Reclaim(reclaimed.id, reclaimed.job_id), reclaimed)
    opened = stage.paid("opened")
    for payee in settled.verdict.payees:
        stage.market.carry_out(fx.PayOut(settled.id, payee, f"settled:{payee}"), settled)
    stage.market.carry_out(fx.PayOut(failed.id, failed.customer, "refund"), failed)
    return [t.job_id for t in (settled, failed, cancelled, reclaimed, opened)]


def test_audit_money__one_job_of_every_end__all_rules_hold(stage, jobs):
    found = audit_money(stage.world.rpc_url, stage.world.deployments, jobs)
    assert {name for name, holds in found.items() if not holds} == set()
    assert len(found) == 11


def test_read_books__one_job_of_every_end__tells_what_happened(stage, jobs):
    books = read_books(stage.world.rpc_url, stage.world.deployments, jobs)
    assert [job.status for job in books.jobs] == ["Settled", "Failed", "Cancelled", "Reclaimed", "Open"]
    (slash,) = books.jobs[1].slashes
    assert (slash.culprit, slash.amount_wei, len(slash.beneficiaries)) == (stage.trainers[0], DEPOSIT_WEI, 3)
    assert books.jobs[3].sent_wei == books.jobs[3].fee_wei


def test_audit_money__a_job_past_its_deadline__is_seen(stage):
    ticket = stage.paid(seconds=60)
    stage.world.pass_time(61)
    found = audit_money(stage.world.rpc_url, stage.world.deployments, [ticket.job_id])
    assert [name for name, holds in found.items() if not holds] == ["no_open_job_past_deadline"]


def test_money_invariants__books_with_a_double_end__do_not_hold(stage, jobs):
    books = read_books(stage.world.rpc_url, stage.world.deployments, jobs)
    twice = replace(books.jobs[0], ends=("Settled", "Cancelled"))
    assert not money_invariants(replace(books, jobs=(twice, *books.jobs[1:])))["each_job_ended_once"]


def test_money_sums__after_one_job_of_every_end__come_out(stage, jobs):
    sums = MoneySums(Connection(stage.world.deployments.market, stage.world.rpc_url))
    assert sums.differences_wei() == {"escrow": 0, "deposits": 0}
    assert sums.head() > 0
