"""One job's events, read from a real chain."""

from __future__ import annotations

import pytest

from backend.adapters.chain import job_events
from backend.adapters.chain.job_events import Web3JobEvents
from backend.domain import effects as fx
from backend.errors import NotFound
from tests.support.chains import CONTEST_S
from tests.support.jobs import FEE_WEI


@pytest.fixture
def events(stage):
    """The reader over a chain that is both chains."""
    return Web3JobEvents(stage.world.deployments, stage.world.rpc_url, stage.world.rpc_url)


def market_names(read):
    """Names of the market's events, in order."""
    return [told.event.name for told in read.events if told.chain == "market"]


def test_of__a_failed_job_among_others__tells_its_own_and_what_moved_with_them(stage, events):
    other = stage.paid("other")
    failed = stage.failed(stage.trainers[:1], "failed")
    stage.world.pass_time(CONTEST_S + 1)
    stage.market.carry_out(fx.FinalizeSlash(failed.id, failed.job_id), failed)
    refund = stage.market.carry_out(fx.PayOut(failed.id, failed.customer, "refund"), failed)
    read = events.of(failed.job_id, (refund,))

    assert [n for n in market_names(read) if n not in ("Transfer", "Approval")] == [
        *("JobOpened", "TrainersChosen", "JobAssigned"),
        *("JobFailed", "NodeFrozen"),
        *("NodeSlashed", "NodeBanned", "SlashFinalized", "Withdrawn"),
    ]
    assert all(other.job_id not in told.event.args.values() for told in read.events)
    paid_in, paid_back = (t.event for t in read.events if t.event.name == "Transfer")
    assert paid_in.args["value"] == paid_back.args["value"] == FEE_WEI
    assert paid_back.tx == refund
    assert [t.at for t in read.events] == sorted(t.at for t in read.events)
    assert read.complete


def test_of__asked_again_while_the_job_goes_on__says_each_event_once(stage, events):
    ticket = stage.drawing()
    before = market_names(events.of(ticket.job_id))
    stage.market.carry_out(fx.Assign(ticket.id, ticket.job_id, stage.trainers), ticket)
    stage.world.mine(200)
    whole = market_names(events.of(ticket.job_id))
    stage.world.mine(200)

    assert whole == [*before, "JobAssigned"]
    assert market_names(events.of(ticket.job_id)) == whole


def test_of__a_transaction_recorded_late__is_told_in_its_place(stage, events):
    ticket = stage.paid()
    stage.market.carry_out(fx.Cancel(ticket.id, ticket.job_id), ticket)
    refund = stage.market.carry_out(fx.PayOut(ticket.id, ticket.customer, "refund"), ticket)
    stage.world.mine(200)
    assert "Withdrawn" not in market_names(events.of(ticket.job_id))
    assert "Withdrawn" in market_names(events.of(ticket.job_id, (refund,)))
    assert market_names(events.of(ticket.job_id, (refund,))).count("Withdrawn") == 1


def test_of__longer_than_one_request_reads__goes_on_where_it_stopped(stage, events, monkeypatch):
    monkeypatch.setattr(job_events, "SPAN_BLOCKS", 10)
    monkeypatch.setattr(job_events, "SPANS_AT_ONCE", 2)
    ticket = stage.drawing()
    stage.market.carry_out(fx.Assign(ticket.id, ticket.job_id, stage.trainers), ticket)
    stage.world.mine(300)
    assert "RoundRecorded" not in market_names(events.of(ticket.job_id))
    stage.market.carry_out(fx.RecordRound(ticket.id, ticket.job_id, 1, "ab" * 32), ticket)
    first = events.of(ticket.job_id)
    assert (first.complete, "RoundRecorded" in market_names(first)) == (False, False)
    for _ in range(30):
        read = events.of(ticket.job_id)
    assert read.complete
    assert [market_names(read).count(name) for name in ("JobAssigned", "RoundRecorded")] == [1, 1]


def test_of__a_job_nobody_opened__not_found(events):
    with pytest.raises(NotFound) as refusal:
        events.of("0x" + "ab" * 32)
    assert refusal.value.code == "job.unknown"
