"""Effects are carried out once, in a ticket's order, whatever the chain says in between."""

from __future__ import annotations

import pytest

from backend.adapters.memory.escrow import TREASURY
from backend.domain.effects import Assign, Reclaim, Release, Settle
from backend.domain.ticket import Expired, Refused, Selected, Status
from backend.errors import Conflict, NotYet, Recoverable
from backend.settlement.settler import Settler, back_off
from tests.support.jobs import FEE_WEI
from tests.unit.settlement.world import CUSTOMER, RATINGS, TRAINERS, VALIDATORS, World

DOWN = Recoverable("chain.unreachable", "The market chain does not answer.")
REFUSED = Conflict("chain.rejected", "The contract refuses.")


@pytest.fixture
def world() -> World:
    return World()


def test_run_once__verdict_to_settle__pays_every_trainer_and_the_treasury(world):
    ticket = world.settling()
    world.run()
    assert world.status() == Status.SETTLED
    amounts = dict(zip(ticket.verdict.payees, map(int, ticket.verdict.amounts_wei), strict=True))
    assert world.market.wallets == amounts
    assert world.market.credits == {TREASURY: FEE_WEI * 200 // 10_000}


def test_run_once__verdict_to_fail__refunds_slashes_and_shares(world):
    culprit, *honest = TRAINERS
    world.failing(culprit)
    world.run()
    assert (world.status(), world.market.wallets) == (Status.REFUNDED, {CUSTOMER: FEE_WEI})
    assert world.effect("slash") == "open"
    world.clock.advance(8)
    world.run()
    assert world.effect("slash") == "done"
    assert sum(world.market.staking.paid.values()) == 10**17
    assert set(world.market.staking.paid) == set(honest)
    assert world.market.tried.count("t_1/slash") == 2


def test_run_once__many_effects_in_a_row__a_payment_meanwhile_is_seen_before_the_last(world):
    names = ("t_1", "t_2", "t_3")
    for name in names:
        world.queued(name)
    for name in names:
        world.tickets.advance(name, Selected(TRAINERS))
    world.market.open_job_for(world.quoted("t_9"))
    seen = []

    def mirrored() -> bool:
        stands = world.mirror.follow()
        seen.append(world.tickets.get("t_9").status)
        return stands

    parts = (world.market, world.carbon, world.tickets, world.effects)
    Settler(*parts, follow=mirrored).run_once()

    assert seen == [Status.FUNDED] * 3


def test_run_once__chain_takes_blocks_back_meanwhile__effect_is_looked_at_again(world):
    world.settling()
    stands = [False, True]
    effects = world.effects
    settler = Settler(
        world.market, world.carbon, world.tickets, effects, ("RecordRound",), lambda: stands.pop(0)
    )
    assert settler.run_once() == 0
    assert effects.state("t_1/round/1") == "open"
    world.clock.advance(1)
    assert settler.run_once() == 1
    assert (effects.state("t_1/round/1"), stands) == ("done", [])


def test_run_once__rounds_cannot_be_recorded_yet__the_verdict_waits_for_them(world):
    world.settling()
    world.market.trouble["t_1/round/1"] = DOWN
    world.run()
    assert "t_1/settle" not in world.market.tried
    world.market.trouble.clear()
    world.clock.advance(1)
    world.run()
    assert world.market.tried.index("t_1/round/1") < world.market.tried.index("t_1/settle")
    assert world.status() == Status.SETTLED


def test_run_once__later_round_due_before_an_earlier_one__waits(world):
    world.running(rounds=2)
    world.close_round("t_1", 1)
    world.market.trouble["t_1/round/1"] = DOWN
    world.settler.run_once()
    world.close_round("t_1", 2)
    world.settler.run_once()
    assert "t_1/round/2" not in world.market.tried
    world.market.trouble.clear()
    world.clock.advance(1)
    world.run()
    assert (world.effect("round/1"), world.effect("round/2")) == ("done", "done")


def test_run_once__one_ticket_stuck__the_others_go_on(world):
    world.settling("t_1")
    world.market.trouble["t_1/settle"] = DOWN
    world.settling("t_2")
    world.run()
    assert (world.status("t_1"), world.status("t_2")) == (Status.SETTLING, Status.SETTLED)


def test_run_once__chain_down__tries_again_ever_more_slowly(world):
    world.settling()
    world.market.trouble["t_1/settle"] = DOWN
    for _ in range(100):
        world.run()
        world.clock.advance(1)
    assert 4 < world.market.tried.count("t_1/settle") < 12
    assert [back_off(n) for n in (0, 1, 2, 100)] == [0.25, 0.5, 1.0, 60.0]


def test_run_once__contract_refuses__gives_up_and_the_deadline_refunds(world):
    world.settling()
    world.market.trouble["t_1/settle"] = REFUSED
    world.run()
    assert (world.effect("settle"), world.status()) == ("failed", Status.SETTLING)
    world.clock.advance(601)
    world.sweep()
    world.run()
    assert (world.status(), world.market.wallets) == (Status.REFUNDED, {CUSTOMER: FEE_WEI})


def test_run_once__job_ended_another_way__the_effect_is_moot(world):
    ticket = world.settling()
    world.clock.advance(601)
    world.market.carry_out(Reclaim("t_1", ticket.job_id), ticket)
    world.run()
    assert world.effect("settle") == "done"
    assert (world.status(), world.market.wallets) == (Status.REFUNDED, {CUSTOMER: FEE_WEI})


def test_run_once__settled_in_the_last_moment__is_paid_and_not_refunded(world):
    ticket = world.settling()
    world.settler.run_once()
    world.market.carry_out(Settle("t_1", ticket.job_id), ticket)
    world.tickets.advance("t_1", Expired())
    world.run()
    after = world.tickets.get("t_1")
    assert (after.status, after.refusal) == (Status.SETTLED, None)
    assert world.effect("reclaim") == "done"
    assert CUSTOMER not in world.market.wallets


def test_run_once__killed_before_the_refund_was_noted__notes_it_and_pays_once(world):
    ticket = world.failing(TRAINERS[0])
    world.settler.run_once()
    world.mirror.run_once()
    payout = next(q for q in world.effects.pending(["PayOut"]))
    tx = world.market.carry_out(payout.effect, ticket)
    world.run()
    after = world.tickets.get("t_1")
    assert (after.status, after.transactions[-1]) == (Status.REFUNDED, tx)
    assert world.market.wallets == {CUSTOMER: FEE_WEI}


def test_run_once__customer_withdrew_alone__the_refund_is_noted_all_the_same(world):
    world.failing(TRAINERS[0])
    world.settler.run_once()
    world.mirror.run_once()
    world.market.credits.clear()
    world.run()
    assert world.status() == Status.REFUNDED
    assert "" not in world.tickets.get("t_1").transactions


def test_run_once__refused_before_it_was_assigned__is_not_assigned(world):
    world.queued()
    world.tickets.advance("t_1", Selected(TRAINERS))
    world.tickets.advance("t_1", Refused("ticket.cancelled", "Cancelled."))
    world.run()
    assert "t_1/assign/0" not in world.market.tried
    assert (world.status(), world.market.wallets) == (Status.REFUNDED, {CUSTOMER: FEE_WEI})


def test_run_once__refused_while_it_was_assigned__is_refunded_at_the_deadline(world):
    ticket = world.queued(seconds=100)
    world.tickets.advance("t_1", Selected(TRAINERS))
    world.market.carry_out(Assign("t_1", ticket.job_id, TRAINERS), ticket)
    world.tickets.advance("t_1", Refused("ticket.cancelled", "Cancelled."))
    world.run()
    assert (world.status(), world.effect("cancel")) == (Status.INVALID, "open")
    world.clock.advance(101)
    world.run()
    assert (world.status(), world.market.wallets) == (Status.REFUNDED, {CUSTOMER: FEE_WEI})
    assert world.market.job(ticket.job_id).status == "Reclaimed"


def test_run_once__settled__shows_the_ratings_that_the_scores_moved(world):
    world.settling()
    world.run()
    assert [world.nodes.get(trainer).rating_bps for trainer in TRAINERS] == RATINGS


def test_run_once__validators_cannot_be_drawn_yet__are_drawn_later(world):
    world.market.draw_s = 3.0
    ticket = world.running()
    assert (ticket.status, world.effect("assign/0")) == (Status.QUEUED, "open")
    assert world.market.job(ticket.job_id).status == "Drawing"
    assert world.bound() == set(TRAINERS)
    world.clock.advance(3)
    world.run()
    assert world.status() == Status.RUNNING
    assert world.bound() == {*TRAINERS, *VALIDATORS}


def test_run_once__other_trainers_were_chosen_before__those_on_chain_keep_the_job(world):
    ticket = world.queued()
    world.market.draw_s = 3.0
    with pytest.raises(NotYet):
        world.market.carry_out(Assign("t_1", ticket.job_id, TRAINERS[:2]), ticket)
    world.tickets.advance("t_1", Selected(TRAINERS[2:], 1))
    world.clock.advance(3)
    world.run()
    assert (world.status(), world.tickets.get("t_1").trainers) == (Status.RUNNING, TRAINERS[:2])


def test_run_once__anybody_had_the_validators_drawn__the_job_runs(world):
    ticket = world.drawing()
    world.clock.advance(100)
    world.market.draw(ticket.job_id)
    world.mirror.run_once()
    assert (world.status(), world.tickets.get("t_1").validators) == (Status.RUNNING, VALIDATORS)


def test_run_once__cancelled_before_the_draw__refunds_and_frees_the_trainers(world):
    world.drawing()
    assert world.bound() == set(TRAINERS)
    world.tickets.advance("t_1", Refused("ticket.cancelled", "Cancelled."))
    world.run()
    assert (world.status(), world.market.wallets) == (Status.REFUNDED, {CUSTOMER: FEE_WEI})
    assert (world.effect("release"), world.bound()) == ("done", set())


def test_run_once__cancelled_before_anybody_was_chosen__has_nothing_to_free(world):
    ticket = world.queued()
    world.tickets.advance("t_1", Refused("ticket.cancelled", "Cancelled."))
    world.run()
    assert (world.status(), world.effect("release")) == (Status.REFUNDED, "done")
    assert "JobReleased" not in {event.name for event in world.market.job_events(ticket.job_id)}


@pytest.mark.parametrize("stage", ["drawing", "running", "settling"])
def test_run_once__a_stranger_reclaimed__frees_the_nodes(world, stage):
    ticket = getattr(world, stage)()
    world.clock.advance(601)
    world.market.carry_out(Reclaim("t_1", ticket.job_id), ticket)
    world.run()
    assert (world.status(), world.market.wallets) == (Status.REFUNDED, {CUSTOMER: FEE_WEI})
    assert (world.effect("release"), world.bound()) == ("done", set())


def test_run_once__a_stranger_freed_the_nodes__does_nothing_twice(world):
    ticket = world.running()
    world.clock.advance(601)
    world.market.carry_out(Reclaim("t_1", ticket.job_id), ticket)
    world.market.carry_out(Release("t_1", ticket.job_id), ticket)
    world.run()
    assert (world.effect("release"), world.bound()) == ("done", set())
    names = [event.name for event in world.market.job_events(ticket.job_id)]
    assert names.count("JobReleased") == 1


def test_run_once__everything_done__tries_nothing_again(world):
    world.settling()
    world.run()
    tried = list(world.market.tried)
    world.clock.advance(1_000)
    world.run()
    assert world.market.tried == tried
