"""What bound is claimed for a job, and what hides its readings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.domain.certificate import BASELINE, Bound, bound, certify, salt
from backend.domain.decision import Counterfactual, Decision
from backend.domain.spec import JobSpec
from backend.domain.ticket import Ticket
from fl_nodes.protocol.green import slots
from fl_nodes.protocol.poseidon import FIELD
from tests.support.jobs import fail_verdict, quoted_ticket, settle_verdict
from tests.support.readings import readings

TRAINERS = tuple(f"0x00000000000000000000000000000000000000A{n}" for n in range(1, 5))


def _ticket(budget_joules: int) -> Ticket:
    ticket = quoted_ticket("t_1", "0x00000000000000000000000000000000000000C1", 1_000)
    return replace(ticket, spec=JobSpec(energy_budget_joules=budget_joules), verdict=settle_verdict(TRAINERS))


def _decision(micrograms: int) -> Decision:
    baseline = Counterfactual(nodes=4, micrograms=micrograms)
    return Decision("weighted", 0, 0, 0, (), baseline, rounds=1, asked=4, expected_seconds=1, reasons=())


@pytest.mark.parametrize(("budget_joules", "holds"), [(7_000, False), (8_001, True), (20_000, True)])
def test_bound__energy_budget__kept_exactly_when_the_energy_stays_under_it(
    budget_joules: int, holds: bool
) -> None:
    ticket = _ticket(budget_joules)
    held = readings(ticket.job_id)
    taken = slots(held)
    assert taken is not None
    claimed = bound(ticket, held, taken)

    assert claimed is not None
    assert (taken.micrograms <= claimed.micrograms) is holds
    assert (sum(taken.millijoules) <= budget_joules * 1000) is holds


def test_bound__a_job_that_used_nothing__zero() -> None:
    ticket = _ticket(100)
    held = readings(ticket.job_id, count=1, millijoules=0)
    taken = slots(held)
    assert taken is not None
    claimed = bound(ticket, held, taken)

    assert claimed is not None
    assert claimed.micrograms == 0


def test_bound__no_budget_but_a_baseline__as_often_as_there_was_work() -> None:
    ticket = replace(_ticket(0), decision=_decision(micrograms=60))
    held = readings(ticket.job_id)
    setting_up = replace(held[0], round=0)
    taken = slots((setting_up, *held))
    assert taken is not None

    assert bound(ticket, (setting_up, *held), taken) == Bound(4 * 60, BASELINE)
    assert certify(ticket)


def test_bound__no_budget_and_no_baseline__none() -> None:
    ticket = replace(_ticket(0), decision=_decision(micrograms=0))
    held = readings(ticket.job_id)
    taken = slots(held)
    assert taken is not None

    assert bound(ticket, held, taken) is None
    assert not certify(ticket)


def test_certify__a_failed_job_or_nothing_to_stay_under__no_effect() -> None:
    assert certify(_ticket(100))
    assert not certify(_ticket(0))
    assert not certify(replace(_ticket(100), verdict=fail_verdict(TRAINERS[:1])))
    assert not certify(replace(_ticket(100), verdict=None))


def test_salt__same_job_and_secret__the_same_and_no_other() -> None:
    job, other = "0x" + "ab" * 32, "0x" + "ac" * 32

    assert salt(b"one", job) == salt(b"one", job)
    assert len({salt(b"one", job), salt(b"one", other), salt(b"two", job)}) == 3
    assert 0 <= salt(b"one", job) < FIELD
