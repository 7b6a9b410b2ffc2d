"""The carbon chain takes back an epoch or credits: the epoch is sealed again once, every credit is issued again once."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.adapters.chain.carbon import Web3Carbon
from backend.domain.ticket import Assigned, Sealed, Status
from backend.settlement.credit_mirror import CreditMirror
from backend.settlement.kinds import CARBON_KINDS
from backend.settlement.ledger import LedgerSettler
from backend.settlement.settler import Settler
from tests.faults.chain.conftest import reorganise
from tests.integration.chain.conftest import Stage
from tests.integration.chain.credit_office import finished, keeper_of_credits, opened, sealed
from tests.integration.chain.ledger_office import LedgerOffice
from tests.support.chains import CHALLENGE_S
from tests.support.jobs import settle_verdict

CREDITS = 8
"""Of four trainers in two rounds."""


@pytest.fixture
def books(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LedgerOffice:
    """The keeper of the ledger, and nodes that sign."""
    return opened(stage, tmp_path, monkeypatch)


@pytest.fixture
def carbon(books: LedgerOffice) -> Web3Carbon:
    """The operator's, who knows what epochs hold."""
    return keeper_of_credits(books)


def head(books: LedgerOffice) -> int:
    return int(books.world.web3.eth.block_number)


def fixed(books: LedgerOffice, carbon: Web3Carbon) -> int:
    """A job's baseline stands; since when."""
    ticket, fix = finished(books)
    carbon.carry_out(fix, ticket)
    job = bytes.fromhex(ticket.job_id[2:])
    return int(books.world.contract("CarbonCredit").functions.baselineOf(job).call().fixedAt)


def told(books: LedgerOffice, carbon: Web3Carbon, name: str) -> int:
    """How many such events of the credits and of the ledger there are on chain."""
    events = carbon.credits.events(0)[0] + books.ledger().events(0)[0]
    return sum(event.name == name for event in events)


def test_epoch__taken_back__is_sealed_again_once(books: LedgerOffice, carbon: Web3Carbon) -> None:
    ticket, _ = finished(books)
    since = fixed(books, carbon)
    books.settler.run_once()
    before = head(books)
    job = sealed(books, ticket, since).job_id
    reorganise(books.world, before)
    assert not books.ledger().holds(job)
    books.settler = LedgerSettler(books.ledger(), books.tickets, books.effects, books.cursors)
    books.settler.run_once()
    books.until_sealed("t_1")
    assert books.ledger().holds(job)
    assert told(books, carbon, "EpochSealed") == 1
    epoch = books.tickets.get("t_1").epoch
    assert epoch is not None
    assert books.world.web3.eth.get_transaction_receipt(epoch.tx)["status"] == 1


def test_credits__taken_back__are_issued_again_once(
    books: LedgerOffice, carbon: Web3Carbon, stage: Stage
) -> None:
    ticket, _ = finished(books)
    since = fixed(books, carbon)
    sealed(books, ticket, since)
    mirror = CreditMirror(carbon.credits, books.tickets, books.cursors, books.effects)
    settler = Settler(stage.market, carbon, books.tickets, books.effects, CARBON_KINDS)
    books.world.pass_time(CHALLENGE_S)
    mirror.run_once()
    before = head(books)
    settler.run_once()
    mirror.run_once()
    assert told(books, carbon, "CreditIssued") == len(books.tickets.get("t_1").credits) == CREDITS
    reorganise(books.world, before)
    assert told(books, carbon, "CreditIssued") == 0
    mirror.run_once()
    settler.run_once()
    mirror.run_once()
    assert told(books, carbon, "CreditIssued") == len(books.tickets.get("t_1").credits) == CREDITS


def test_epoch__its_chain_is_another_when_it_is_followed__is_not_done(
    books: LedgerOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, _ = finished(books)
    books.tickets.add(replace(ticket, verdict=settle_verdict(books.trainers)))
    books.until_queued("SealEpoch")
    books.world.mine()
    books.settler._mirror()
    before = head(books) - 1

    class Unlucky:
        """A ledger whose chain takes back what was just written, and a block before it."""

        def __init__(self) -> None:
            self.ledger = books.ledger()

        def __getattr__(self, name: str) -> Any:
            return getattr(self.ledger, name)

        def write(self, effect: Any) -> str:
            tx = str(self.ledger.write(effect))
            reorganise(books.world, before)
            return tx

    (sealing,) = books.effects.pending(["SealEpoch"])
    books.new_settler(Unlucky()).run_once()
    assert books.effects.state(sealing.key) == "open"
    monkeypatch.setattr(books.effects, "_clock", lambda: time.time() + 60)
    books.until_sealed("t_1")
    assert books.ledger().holds(ticket.job_id)


def test_credits__wait_for_an_epoch_that_is_taken_back__are_issued_once_it_is_sealed_again(
    books: LedgerOffice, carbon: Web3Carbon, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, _ = finished(books)
    since = fixed(books, carbon)
    books.settler.run_once()
    before = head(books)
    sealed(books, ticket, since)
    (issuing,) = books.effects.pending(["IssueCredits"])
    mirror = CreditMirror(carbon.credits, books.tickets, books.cursors, books.effects)
    settler = Settler(stage.market, carbon, books.tickets, books.effects, CARBON_KINDS, mirror.follow)
    mirror.run_once()
    reorganise(books.world, before)
    mirror.run_once()
    books.settler._mirror()
    settler.run_once()
    assert not carbon.ledger.holds(ticket.job_id)
    assert books.effects.state(issuing.key) == "open"
    books.until_sealed("t_1")
    books.world.pass_time(CHALLENGE_S)
    monkeypatch.setattr(books.effects, "_clock", lambda: time.time() + 60)
    settler.run_once()
    assert told(books, carbon, "CreditIssued") == len(books.tickets.get("t_1").credits) == CREDITS
    assert not books.effects.standing()


def test_baseline__taken_back_when_the_work_has_begun__the_ticket_has_none_and_nothing_waits(
    books: LedgerOffice, carbon: Web3Carbon, stage: Stage
) -> None:
    ticket, fix = finished(books)
    books.tickets.add(replace(ticket, status=Status.QUEUED))
    mirror = CreditMirror(carbon.credits, books.tickets, books.cursors, books.effects)
    settler = Settler(stage.market, carbon, books.tickets, books.effects, CARBON_KINDS, mirror.follow)
    mirror.run_once()
    before = head(books)
    books.effects.add([fix])
    settler.run_once()
    baseline = books.tickets.get("t_1").baseline
    assert baseline is not None
    assert carbon.credits.stands(baseline.tx)
    books.tickets.advance("t_1", Assigned(books.trainers, (), "0xassigned"))
    reorganise(books.world, before)
    mirror.run_once()
    settler.run_once()
    assert not carbon.credits.stands(baseline.tx)
    assert books.tickets.get("t_1").baseline is None
    books.tickets.advance("t_1", Sealed(0, "0xhash", "0xtx"))
    settler.run_once()
    assert not books.effects.pending(CARBON_KINDS)
    assert books.effects.state(fix.key) == "done"
