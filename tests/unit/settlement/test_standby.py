"""One of several settlers works: the others look on, and go on from where it stood when it is gone."""

from dataclasses import replace

from backend.bootstrap.lead import LEASE_SECONDS, Lead
from backend.domain.ticket import Status
from backend.settlement.process import run_settler
from tests.unit.settlement.test_process import parts, until
from tests.unit.settlement.world import World


def test_run_settler__another_leads__does_nothing_until_that_falls_silent() -> None:
    world = World()
    world.settling()
    assert world.tickets.claim("settler", "another", LEASE_SECONDS)
    lead = Lead(world.tickets, "settler", "this", clock=world.clock)
    turns = iter(range(20))

    def looked_on() -> bool:
        lead.renew()
        return next(turns, None) is None

    standing_by = replace(parts(world), leads=lead, step_down=lead.step_down)
    run_settler(standing_by, looked_on)
    assert world.status() is Status.SETTLING

    world.clock.advance(LEASE_SECONDS)
    settled = until(world, Status.SETTLED)

    def leads() -> bool:
        lead.renew()
        return settled()

    run_settler(standing_by, leads)
    assert world.tickets.claim("settler", "another", LEASE_SECONDS), "it stepped down in the end"
