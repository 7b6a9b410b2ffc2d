"""The settler and the credits: baselines in time or never, and events of the carbon chain on the tickets."""

from dataclasses import replace

import pytest

from backend.adapters.memory import MemoryCursors, MemoryTickets
from backend.adapters.memory.credits import MemoryCredits
from backend.adapters.memory.journal import Journal
from backend.domain.credit_effects import FixBaseline, baseline_of
from backend.domain.ticket import Moment, Status
from backend.ports import ChainEvent
from backend.settlement.credit_mirror import CreditMirror, change_of
from backend.settlement.kinds import CARBON_KINDS, MARKET_KINDS
from backend.settlement.settler import overtaken
from tests.support.clock import ManualClock
from tests.support.jobs import quoted_ticket
from tests.unit.domain.test_ticket_credits import DECISION

QUEUED = replace(quoted_ticket("t_1", "0x" + "c1" * 20, 99), status=Status.QUEUED)
EFFECT = FixBaseline("t_1", QUEUED.job_id, baseline_of(QUEUED.job_id, DECISION))


class NothingSealed:
    """An energy ledger without an epoch."""

    def is_sealed(self, job):
        return False


@pytest.fixture
def books():
    return MemoryCredits(NothingSealed(), lambda _index: None, Journal(), ManualClock())


@pytest.fixture
def tickets():
    kept = MemoryTickets(ManualClock())
    kept.add(QUEUED)
    return kept


def test_kinds__of_the_two_chains__share_nothing_and_miss_nothing():
    assert {"FixBaseline", "IssueCredits", "Publish"} <= set(CARBON_KINDS)
    assert not set(CARBON_KINDS) & set(MARKET_KINDS)


def test_overtaken__the_job_runs__its_baseline_is_not_fixed_any_more():
    assert not overtaken(EFFECT, QUEUED)
    assert overtaken(EFFECT, replace(QUEUED, status=Status.RUNNING))


def test_mirror__a_baseline_was_fixed__the_ticket_has_it_once(books, tickets):
    books.fix(EFFECT)
    books.fix(EFFECT)
    cursors = MemoryCursors()
    mirror = CreditMirror(books, tickets, cursors, tickets.effects)

    assert (mirror.run_once(), mirror.run_once()) == (1, 0)
    kept = tickets.get("t_1")
    assert (kept.baseline.baseline, kept.baseline.fixed_at) == (EFFECT.baseline, int(ManualClock()()))
    cursors.save("carbon/credits", 0)
    CreditMirror(books, tickets, cursors, tickets.effects).run_once()
    assert tickets.get("t_1") == kept


def test_mirror__a_job_of_somebody_else__is_passed_over(books, tickets):
    stranger = "0x" + "99" * 32
    books.fix(FixBaseline("t_9", stranger, replace(EFFECT.baseline, job=stranger)))

    assert CreditMirror(books, tickets, MemoryCursors(), tickets.effects).run_once() == 1
    assert tickets.get("t_1").baseline is None


def test_change_of__a_credit__names_zone_and_month():
    token = int.from_bytes(b"ES".ljust(32, b"\0"), "big") + 202_611
    said = {"job": "0xJ", "node": "0xA", "id": token, "round": 2, "amount": 7, "serial": "0x01"}
    change = change_of(ChainEvent("CarbonCredit", "CreditIssued", said, 1, 0, "0xtx"))

    assert (change.credit.zone, change.credit.vintage, change.credit.micrograms) == ("ES", "2026-11", 7)
    assert change_of(ChainEvent("CarbonCredit", "TransferSingle", said, 1, 0, "0xtx")) is None


def test_started__a_ticket_that_ran_twice__counts_from_the_first_time():
    moments = (Moment(Status.RUNNING, 5.5), Moment(Status.RUNNING, 9.0))
    assert replace(QUEUED, timeline=moments).started == 5
