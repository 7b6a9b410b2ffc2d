"""Eco Credits on a real chain: a job's baseline, its epoch signed by real nodes, its credits, and their retirement."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from backend.adapters.chain.carbon import Web3Carbon
from backend.adapters.chain.credits import credits_on
from backend.adapters.memory import MemoryCursors, MemoryNodes, MemoryTasks, MemoryTickets
from backend.dispatch.credit_papers import CreditPapers
from backend.dispatch.epoch_papers import epoch_papers
from backend.dispatch.ledger_keeper import LedgerKeeper
from backend.domain.credit_effects import FixBaseline, FixedBaseline, IssueCredits
from backend.domain.ticket import Moment, Status, Ticket
from backend.energy.chain_energy import figures
from backend.errors import Conflict, NotFound, NotYet
from backend.settlement.credit_mirror import CreditMirror
from fl_nodes.protocol.credit_baseline import CreditBaseline
from tests.integration.chain.conftest import Stage
from tests.integration.chain.ledger_office import LedgerOffice
from tests.support.chains import CHALLENGE_S
from tests.support.jobs import settle_verdict
from tests.support.ledger import GRID

MARGIN_S = 300


@pytest.fixture
def office(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LedgerOffice:
    """Whose readings are of this hour, or of the next where that is near."""
    hour = (stage.world.now() + MARGIN_S) // 3600
    monkeypatch.setattr("tests.support.ledger.GRID", replace(GRID, hour=hour))
    tickets = MemoryTickets(time.time)
    tasks, nodes, cursors = MemoryTasks(time.time), MemoryNodes(), MemoryCursors()
    return LedgerOffice(
        *(stage.world, tickets, tickets.effects, tasks, nodes, cursors),
        lambda: stage.carbon.ledger,
        time.time,
        tmp_path,
    )


@pytest.fixture
def carbon(stage: Stage, office: LedgerOffice) -> Web3Carbon:
    """The operator's, who knows what epochs hold."""
    return Web3Carbon(
        stage.world.deployments,
        stage.world.rpc_url,
        stage.world.key("operator"),
        contents=lambda index: epoch_papers(office.ledger().epoch(index).terms, office.objects).content,
    )


def _finished(office: LedgerOffice, baseline_ug: int = 3_000) -> tuple[Ticket, FixBaseline]:
    made = office.crew.finished("t_1", office.trainers)
    baseline = CreditBaseline(made.job_id, 36_000, baseline_ug, 40_000_000, 8, "0x" + "d0" * 32)
    return made, FixBaseline("t_1", made.job_id, baseline)


def _sealed(office: LedgerOffice, ticket: Ticket, fixed_at: int) -> Ticket:
    """A settled ticket in an epoch, whose work began at this moment."""
    started = float(office.world.now())
    _, effect = _finished(office)
    told = replace(
        ticket,
        verdict=settle_verdict(office.trainers),
        baseline=FixedBaseline(effect.baseline, fixed_at, "0xab"),
        timeline=(Moment(Status.RUNNING, started),),
    )
    for file in office.folder.rglob("*.json"):
        # The chain's clock may be ahead of this machine's.
        os.utime(file, (started + MARGIN_S, started + MARGIN_S))
    office.tickets.add(told)
    parts = replace(office.keeper._parts, extras=CreditPapers(office.objects, figures("20", "20")))
    office.keeper = LedgerKeeper(parts, "me")
    office.until_sealed("t_1")
    return office.tickets.get("t_1")


def test_credits__fixed_sealed_issued_retired__each_once_and_told(
    office: LedgerOffice, carbon: Web3Carbon
) -> None:
    world = office.world
    ticket, fix = _finished(office)
    tx = carbon.carry_out(fix, ticket)
    assert tx == carbon.carry_out(fix, ticket)
    kept = world.contract("CarbonCredit").functions.baselineOf(bytes.fromhex(ticket.job_id[2:])).call()
    ticket = _sealed(office, ticket, kept.fixedAt)

    issue = IssueCredits("t_1", ticket.job_id, 0)
    with pytest.raises(NotYet, match="may still be challenged"):
        carbon.carry_out(issue, ticket)
    world.pass_time(CHALLENGE_S)
    tx = carbon.carry_out(issue, ticket)
    assert tx == carbon.carry_out(issue, ticket)

    CreditMirror(carbon.credits, office.tickets, MemoryCursors()).run_once()
    told = office.tickets.get("t_1")
    assert len(told.credits) == 8
    assert {credit.zone for credit in told.credits} == {"DE"}

    holder = world.trainers[0]
    books = credits_on({**world.document["carbon"], "rpc_url": world.rpc_url})
    (holding,) = books.holdings(holder.address)
    own = sum(c.micrograms for c in told.credits if c.node == holder.address)
    assert (holding.zone, holding.held_ug, holding.issued_ug) == ("DE", own, own)

    made = books.retire(int(holding.id, 16), own - 1, "the sea", "for good", holder.wallet)
    assert (made.number, made.holder, made.micrograms) == (1, holder.address, own - 1)
    assert books.certificate(1) == made
    assert books.certificates(holder.address) == books.certificates() == (made,)
    with pytest.raises(Conflict, match="holds 1 "):
        books.retire(int(holding.id, 16), own, "again", "", holder.wallet)
    with pytest.raises(NotFound):
        books.certificate(2)


def test_credits__the_job_is_sealed__no_baseline_any_more(office: LedgerOffice, carbon: Web3Carbon) -> None:
    ticket, fix = _finished(office)
    _sealed(office, ticket, office.world.now() + MARGIN_S)
    with pytest.raises(Conflict, match="nothing can be fixed"):
        carbon.carry_out(fix, ticket)


def test_credits__the_papers_are_lost__says_so_and_holds_nobody_up(stage: Stage) -> None:
    ticket = stage.quoted()
    with pytest.raises(Conflict, match="not kept here"):
        stage.carbon.carry_out(IssueCredits("t_1", ticket.job_id, 0), ticket)


def test_credits__nothing_was_claimed__nothing_is_left_to_do(
    office: LedgerOffice, carbon: Web3Carbon
) -> None:
    ticket, _ = _finished(office)
    _sealed(office, ticket, office.world.now() + MARGIN_S)
    assert carbon.carry_out(IssueCredits("t_1", ticket.job_id, 0), ticket) == ""
