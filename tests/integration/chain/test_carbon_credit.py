"""Eco Credits on a real chain: a job's baseline, its epoch signed by real nodes, its credits, and their retirement."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.adapters.chain.carbon import Web3Carbon
from backend.adapters.chain.credits import credits_on
from backend.adapters.memory import MemoryCursors
from backend.domain.credit_effects import IssueCredits
from backend.errors import Conflict, NotFound, NotYet
from backend.settlement.credit_mirror import CreditMirror
from tests.integration.chain.conftest import Stage
from tests.integration.chain.credit_office import MARGIN_S, finished, keeper_of_credits, opened, sealed
from tests.integration.chain.ledger_office import LedgerOffice
from tests.support.chains import CHALLENGE_S


@pytest.fixture
def office(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LedgerOffice:
    """The keeper of the ledger, and nodes that sign."""
    return opened(stage, tmp_path, monkeypatch)


@pytest.fixture
def carbon(stage: Stage, office: LedgerOffice) -> Web3Carbon:
    """The operator's, who knows what epochs hold."""
    return keeper_of_credits(office)


def test_credits__fixed_sealed_issued_retired__each_once_and_told(
    office: LedgerOffice, carbon: Web3Carbon
) -> None:
    world = office.world
    ticket, fix = finished(office)
    tx = carbon.carry_out(fix, ticket)
    assert tx == carbon.carry_out(fix, ticket)
    kept = world.contract("CarbonCredit").functions.baselineOf(bytes.fromhex(ticket.job_id[2:])).call()
    ticket = sealed(office, ticket, kept.fixedAt)

    issue = IssueCredits("t_1", ticket.job_id, 0)
    with pytest.raises(NotYet, match="may still be challenged"):
        carbon.carry_out(issue, ticket)
    world.pass_time(CHALLENGE_S)
    tx = carbon.carry_out(issue, ticket)
    assert tx == carbon.carry_out(issue, ticket)

    CreditMirror(carbon.credits, office.tickets, MemoryCursors(), office.tickets.effects).run_once()
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
    ticket, fix = finished(office)
    sealed(office, ticket, office.world.now() + MARGIN_S)
    with pytest.raises(Conflict, match="nothing can be fixed"):
        carbon.carry_out(fix, ticket)


def test_credits__the_papers_are_lost__says_so_and_holds_nobody_up(stage: Stage) -> None:
    ticket = stage.quoted()
    with pytest.raises(Conflict, match="not kept here"):
        stage.carbon.carry_out(IssueCredits("t_1", ticket.job_id, 0), ticket)


def test_credits__nothing_was_claimed__nothing_is_left_to_do(
    office: LedgerOffice, carbon: Web3Carbon
) -> None:
    ticket, _ = finished(office)
    sealed(office, ticket, office.world.now() + MARGIN_S)
    assert carbon.carry_out(IssueCredits("t_1", ticket.job_id, 0), ticket) == ""
