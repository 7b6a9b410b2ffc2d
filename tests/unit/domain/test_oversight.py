"""Which tickets do not move, and why that is too long."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.domain.oversight import DEADLINE_GRACE_SECONDS, PATIENCE_SECONDS, stuck
from backend.domain.ticket import Moment, Status, Ticket
from tests.support.tickets import new_ticket

SINCE = 1_000.0
DEADLINE = 100_000


def waiting(status: Status, deadline: int = DEADLINE) -> Ticket:
    """A ticket that came to `status` at SINCE."""
    ticket = new_ticket(status=status)
    return replace(ticket, deadline=deadline, timeline=(Moment(Status.QUOTED, 1.0), Moment(status, SINCE)))


@pytest.mark.parametrize("status", PATIENCE_SECONDS)
def test_stuck__where_only_we_have_to_act__after_its_patience_and_not_before(status: Status):
    ticket, patience = waiting(status), PATIENCE_SECONDS[status]

    assert stuck([ticket], SINCE + patience) == []
    (found,) = stuck([ticket], SINCE + patience + 1)
    assert (found.ticket_id, found.status, found.seconds) == (ticket.id, status.value, patience + 1)
    assert status.value in found.why


@pytest.mark.parametrize("status", [Status.QUOTED, Status.FUNDED, Status.RUNNING, Status.DISPUTED])
def test_stuck__where_others_act__never_before_the_deadline(status: Status):
    assert stuck([waiting(status)], DEADLINE) == []


@pytest.mark.parametrize("status", [Status.FUNDED, Status.RUNNING])
def test_stuck__fee_held_past_the_deadline__says_that_the_customer_can_reclaim(status: Status):
    (found,) = stuck([waiting(status)], DEADLINE + DEADLINE_GRACE_SECONDS + 1)

    assert "reclaim" in found.why


@pytest.mark.parametrize("status", [Status.SETTLED, Status.REFUNDED])
def test_stuck__ended__never(status: Status):
    assert stuck([waiting(status)], 10.0**12) == []


def test_stuck__several__the_longest_waiting_first():
    early = waiting(Status.SETTLING)
    late = replace(early, id="t_late", timeline=(Moment(Status.SETTLING, SINCE + 5),))

    assert [one.ticket_id for one in stuck([late, early], SINCE + 10_000)] == [early.id, "t_late"]
