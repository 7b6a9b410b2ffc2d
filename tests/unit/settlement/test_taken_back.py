"""What the settler does with effects whose ground the chain took away: it waits for it to come back, or lets them be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.adapters.memory import MemoryTickets
from backend.domain import effects as fx
from backend.domain.credit_effects import FixedBaseline, IssueCredits
from backend.domain.ticket import SealedIn, Status, Ticket
from backend.settlement.settler import Settler, overtaken, too_early
from tests.support.clock import ManualClock
from tests.support.jobs import fail_verdict, quoted_ticket, settle_verdict
from tests.unit.domain.test_ticket_credits import BASELINE
from tests.unit.settlement.world import TRAINERS, World

TICKET = replace(
    quoted_ticket("t_1", "0x" + "c1" * 20, 99),
    status=Status.SETTLED,
    verdict=settle_verdict(TRAINERS),
    transactions=("0xab",),
    epoch=SealedIn(3, "0xhash", "0xcd"),
    baseline=FixedBaseline(BASELINE, 7, "0xef"),
)
JOB = TICKET.job_id
SETTLE, FAIL = fx.Settle("t_1", JOB), fx.Fail("t_1", JOB)
ISSUE = IssueCredits("t_1", JOB, 3)
REFUND = fx.PayOut("t_1", TICKET.customer, "refund")
PUBLISH = fx.Publish("t_1", JOB, "", "", "", "", 1, 1, "1")


def ticket(status: Status = Status.SETTLED, **changes: object) -> Ticket:
    return replace(TICKET, status=status, **changes)  # type: ignore[arg-type]


def kept(now: Ticket) -> MemoryTickets:
    """Where this ticket is."""
    tickets = MemoryTickets(ManualClock())
    tickets.add(now)
    return tickets


def settled(tickets: MemoryTickets, effect: fx.Effect) -> int:
    """How many effects a settler does that is given this one; neither chain may be asked: there is none."""
    tickets.effects.add([effect])
    return Settler(None, None, tickets, tickets.effects).run_once()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("effect", "now"),
    [
        (SETTLE, ticket(Status.VERIFYING, verdict=None)),
        (FAIL, ticket(Status.RUNNING, verdict=None)),
        (ISSUE, ticket(epoch=None)),
        (REFUND, ticket(Status.FAILED)),
        (PUBLISH, ticket(Status.SETTLING)),
    ],
)
def test_settler__its_ground_was_taken_back__waits_without_a_word_to_the_chain(
    effect: fx.Effect, now: Ticket
) -> None:
    tickets = kept(now)
    assert settled(tickets, effect) == 0
    assert tickets.effects.state(effect.key) == "open"
    assert too_early(effect, TICKET if effect != REFUND else ticket(Status.REFUNDING, refund_wei="1")) == ""


@pytest.mark.parametrize(
    ("effect", "now"),
    [
        (SETTLE, ticket(Status.FAILED, verdict=fail_verdict(()))),
        (FAIL, ticket(Status.SETTLING)),
        (SETTLE, ticket(Status.EXPIRED, verdict=None)),
        (ISSUE, ticket(epoch=SealedIn(4, "0xother", "0xcd"))),
        (ISSUE, ticket(baseline=None)),
        (REFUND, ticket()),
        (PUBLISH, ticket(Status.REFUNDED)),
        (fx.PayOut("t_1", TRAINERS[0], "settled"), ticket(Status.EXPIRED, transactions=())),
    ],
)
def test_overtaken__the_job_went_another_way__is_let_be(effect: fx.Effect, now: Ticket) -> None:
    assert overtaken(effect, now)
    assert not overtaken(SETTLE, ticket(Status.SETTLING))


@pytest.mark.parametrize("now", [ticket(), ticket(Status.EXPIRED, transactions=())])
def test_settler__refund_of_a_job_that_went_another_way__is_closed_and_the_ticket_stays(now: Ticket) -> None:
    tickets = kept(now)
    assert settled(tickets, REFUND) == 1
    assert tickets.effects.state(REFUND.key) == "done"
    assert tickets.get(now.id) == now


def test_issue__sealed_in_another_epoch__is_another_effect() -> None:
    assert ISSUE.key != replace(ISSUE, epoch=4).key


def test_verdict_and_rounds__nodes_are_being_assigned_again__wait_for_that() -> None:
    world = World()
    world.settling()
    world.effects.redo(["Assign"], 0.0)
    assert world.effect("assign/0") == "open"
    world.effects.retry("t_1/assign/0", 3600.0, "the seed's block is to come")
    world.clock.advance(60)
    world.run()
    assert (world.effect("round/1"), world.effect("settle")) == ("open", "open")
    world.clock.advance(3600)
    world.run()
    world.clock.advance(60)
    world.run()
    assert (world.effect("round/1"), world.effect("settle")) == ("done", "done")
