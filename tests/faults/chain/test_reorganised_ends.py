"""The chain takes back how a job ended, and it ends otherwise: the ticket tells what the chain holds, and nothing is left to do."""

from __future__ import annotations

import pytest

from backend.domain import job as words
from backend.domain.effects import Assign
from backend.domain.ticket import Status, Ticket, VerdictSigned
from tests.faults.chain.conftest import reorganise
from tests.integration.chain.conftest import SEED_BLOCKS
from tests.integration.chain.market_office import Office
from tests.support.jobs import FEE_WEI, fail_verdict, settle_verdict


def head(office: Office) -> int:
    return int(office.stage.world.web3.eth.block_number)


def ticket_of(office: Office) -> Ticket:
    return office.tickets.get("t_1")


def on_chain(office: Office) -> str:
    return office.stage.market.job(ticket_of(office).job_id).status


def held(office: Office) -> dict[str, int]:
    """DML of the customer and of each trainer."""
    token = office.stage.world.contract("DMLToken").functions
    people = office.stage.world.person("customer").address, *office.stage.trainers
    return {who: token.balanceOf(who).call() for who in people}


def by_customer(office: Office, act: str) -> None:
    """The customer acts alone, past the market."""
    escrow, world = office.stage.world.contract("JobEscrow").functions, office.stage.world
    world.act(world.person("customer"), escrow[act](bytes.fromhex(ticket_of(office).job_id[2:])))


def all_quiet(office: Office) -> bool:
    """Nothing is left to do or was given up, and the money adds up."""
    return not office.tickets.effects.standing() and office.audit() == set()


def without_letters(office: Office) -> None:
    for queued in office.tickets.effects.pending(["SendMail"]):
        office.tickets.effects.done(queued.key, {})


def drawn_otherwise(office: Office, before: int) -> tuple[str, ...]:
    """The draw is taken back and made again by another block, until it names others; whom."""
    ticket, stage = ticket_of(office), office.stage
    for number in range(1, 40):
        # Another miner's blocks, or they would be the same again.
        stage.world.rpc("anvil_setCoinbase", f"0x{number:040x}")
        reorganise(stage.world, before)
        stage.world.mine(SEED_BLOCKS)
        stage.market.carry_out(Assign(ticket.id, ticket.job_id, stage.trainers), ticket)
        names = stage.validators(ticket)
        if set(names) != set(ticket.validators):
            return names
    raise AssertionError("the draw never named others")


@pytest.mark.parametrize("noticed_before", [True, False])
def test_settlement__taken_back_and_reclaimed_by_the_customer__the_ticket_says_refunded(
    office: Office, noticed_before: bool
) -> None:
    before_all = held(office)
    office.judged(settle_verdict(office.stage.trainers))
    before = head(office)
    office.run()
    assert ticket_of(office).status is Status.SETTLED
    reorganise(office.stage.world, before)
    if noticed_before:
        office.mirror.run_once()
        assert ticket_of(office).status is Status.SETTLING
    office.pass_time(700)
    by_customer(office, "reclaim")
    office.run()
    ticket = ticket_of(office)
    assert (ticket.status, on_chain(office)) == (Status.REFUNDED, words.RECLAIMED)
    assert ticket.refusal is not None
    assert (ticket.refusal.code, ticket.refund_wei) == ("job.unsettled", str(FEE_WEI))
    assert held(office) == before_all
    assert not office.bound()
    without_letters(office)
    assert all_quiet(office)


def test_settlement__taken_back_until_after_the_deadline__is_still_made_where_nobody_reclaimed(
    office: Office,
) -> None:
    office.judged(settle_verdict(office.stage.trainers))
    before = head(office)
    office.run()
    reorganise(office.stage.world, before)
    office.pass_time(700)
    office.run()
    assert (ticket_of(office).status, on_chain(office)) == (Status.SETTLED, words.SETTLED)
    without_letters(office)
    assert all_quiet(office)


@pytest.mark.parametrize("act", ["cancel", "reclaim"])
def test_refund__that_the_customer_took_alone_is_taken_back__is_made_for_it(office: Office, act: str) -> None:
    before_all = held(office)
    office.paid() if act == "cancel" else office.running()
    if act == "reclaim":
        office.pass_time(700)
    before = head(office)
    by_customer(office, act)
    office.run()
    assert ticket_of(office).status is Status.REFUNDED
    reorganise(office.stage.world, before)
    assert held(office) != before_all
    office.run()
    assert ticket_of(office).status is Status.REFUNDED
    assert on_chain(office) in words.REFUNDED
    assert held(office) == before_all
    without_letters(office)
    assert all_quiet(office)


@pytest.mark.parametrize("settled", [True, False])
def test_draw__names_others_than_those_who_signed__they_judge_and_the_nodes_are_paid_once(
    office: Office, settled: bool
) -> None:
    before_all = held(office)
    office.drawing()
    before = head(office)
    office.judge(office.started(), settle_verdict(office.stage.trainers))
    if settled:
        office.run()
    names = drawn_otherwise(office, before)
    office.run()
    ticket = ticket_of(office)
    assert (ticket.status, ticket.validators, ticket.verdict) == (Status.VERIFYING, names, None)
    assert office.tickets.effects.state("t_1/settle") == "open"
    verdict = office.stage.with_verdict(ticket, settle_verdict(office.stage.trainers)).verdict
    assert verdict is not None
    office.tickets.advance("t_1", VerdictSigned(verdict))
    office.pass_time(1)
    office.late += 60.0
    office.run()
    assert (ticket_of(office).status, on_chain(office)) == (Status.SETTLED, words.SETTLED)
    gained = {who: dml - before_all[who] for who, dml in held(office).items()}
    assert sum(gained[trainer] for trainer in office.stage.trainers) == FEE_WEI - FEE_WEI * 2 // 100
    without_letters(office)
    assert all_quiet(office)


def test_draw__names_others_who_refuse_the_job__refunds_without_a_settlement_left_over(
    office: Office,
) -> None:
    before_all = held(office)
    office.drawing()
    before = head(office)
    office.judge(office.started(), settle_verdict(office.stage.trainers))
    drawn_otherwise(office, before)
    office.run()
    verdict = office.stage.with_verdict(ticket_of(office), fail_verdict(())).verdict
    assert verdict is not None
    office.tickets.advance("t_1", VerdictSigned(verdict))
    office.late += 60.0
    office.run()
    assert (ticket_of(office).status, on_chain(office)) == (Status.REFUNDED, words.FAILED)
    assert held(office) == before_all
    without_letters(office)
    assert all_quiet(office)


def test_draw__taken_back_after_rounds__rounds_and_verdict_wait_for_the_next_draw(office: Office) -> None:
    office.drawing()
    before = head(office)
    office.judge(office.started(), settle_verdict(office.stage.trainers))
    office.run()
    reorganise(office.stage.world, before - 1)
    office.mirror.run_once()
    office.settler.run_once()
    assert on_chain(office) == words.DRAWING
    # Its seed's block is to come: neither the round nor the verdict is given up meanwhile.
    assert office.tickets.effects.state("t_1/round/1") == "open"
    assert office.tickets.effects.state("t_1/settle") == "open"
