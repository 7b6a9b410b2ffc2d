"""The chain takes back its last blocks, beyond the confirmations: it is noticed, and every effect still happens once."""

from __future__ import annotations

import pytest

from backend.adapters.chain.market import Web3Market
from backend.domain import job as words
from backend.domain.ticket import Status
from backend.settlement.following import REORGANISED
from backend.settlement.mirror import CURSOR
from tests.faults.chain.conftest import reorganise
from tests.integration.chain.conftest import SEED_BLOCKS, Stage
from tests.integration.chain.market_office import Office
from tests.support.chains import DEPOSIT_WEI, TRAINER, account
from tests.support.jobs import FEE_WEI, fail_verdict, settle_verdict


def head(office: Office) -> int:
    return int(office.stage.world.web3.eth.block_number)


def was_noticed(office: Office) -> bool:
    return office.cursors.load(CURSOR + REORGANISED) is not None


def on_chain(office: Office) -> str:
    return office.stage.market.job(office.tickets.get("t_1").job_id).status


@pytest.fixture
def holdings(office: Office) -> dict[str, int]:
    """What everybody holds in DML when the test begins."""
    token = office.stage.world.contract("DMLToken").functions
    people = [
        *office.stage.trainers,
        *(office.stage.world.person(p).address for p in ("customer", "treasury")),
    ]
    return {who: token.balanceOf(who).call() for who in people}


def gained(office: Office, before: dict[str, int]) -> dict[str, int]:
    token = office.stage.world.contract("DMLToken").functions
    return {who: token.balanceOf(who).call() - had for who, had in before.items()}


def test_payment__taken_back__the_ticket_waits_for_it_again_and_is_paid_once(office: Office) -> None:
    before = head(office)
    ticket = office.paid()
    assert ticket.status is Status.FUNDED
    reorganise(office.stage.world, before)
    office.run()
    ticket = office.tickets.get("t_1")
    assert (ticket.status, ticket.transactions, on_chain(office)) == (Status.QUOTED, (), words.NONE)
    assert was_noticed(office)
    assert office.pay(ticket).status is Status.FUNDED
    assert office.audit() == set()


def test_payment__taken_back_of_a_chosen_job__is_chosen_anew_once_paid_again(office: Office) -> None:
    before = head(office)
    office.drawing()
    reorganise(office.stage.world, before)
    office.run()
    ticket = office.tickets.get("t_1")
    assert (ticket.status, ticket.selected) == (Status.QUOTED, ())
    # Its dataset is where it was.
    assert office.pay(ticket).status is Status.UPLOADED
    assert office.audit() == set()


def test_payment__taken_back_for_good__ends_with_nothing_owed(office: Office) -> None:
    before = head(office)
    office.running()
    reorganise(office.stage.world, before)
    office.look()
    assert office.tickets.get("t_1").status is Status.RUNNING
    office.pass_time(700)
    office.run()
    ticket = office.tickets.get("t_1")
    assert ticket.status is Status.EXPIRED
    assert ticket.refusal is not None
    assert ticket.refusal.code == "payment.taken_back"
    assert not [effect for effect in office.tickets.effects.troubled() if effect.state == "failed"]


def test_assignment__taken_back__is_made_again_and_the_job_settles(
    office: Office, holdings: dict[str, int]
) -> None:
    office.drawing()
    office.stage.world.mine(SEED_BLOCKS)
    before = head(office)
    office.late += 1.0
    office.run()
    assert on_chain(office) == words.ASSIGNED
    reorganise(office.stage.world, before)
    assert on_chain(office) == words.DRAWING
    office.run()
    ticket = office.tickets.get("t_1")
    assert (ticket.status, on_chain(office), was_noticed(office)) == (Status.RUNNING, words.ASSIGNED, True)
    assert ticket.validators == office.stage.validators(ticket)


def test_settlement__taken_back_with_its_payouts__is_made_again_and_pays_once(
    office: Office, holdings: dict[str, int]
) -> None:
    office.judged(settle_verdict(office.stage.trainers))
    before = head(office)
    office.run()
    assert office.tickets.get("t_1").status is Status.SETTLED
    paid = gained(office, holdings)
    first = office.tickets.get("t_1").transactions[-1]
    reorganise(office.stage.world, before)
    assert on_chain(office) == words.ASSIGNED
    office.run()
    assert (on_chain(office), was_noticed(office)) == (words.SETTLED, True)
    assert gained(office, holdings) == paid
    assert sum(paid[trainer] for trainer in office.stage.trainers) == FEE_WEI - FEE_WEI * 2 // 100
    assert paid[office.stage.world.person("customer").address] == -FEE_WEI
    assert office.audit() == set()
    assert office.tickets.get("t_1").transactions[-1] != first
    assert not [effect for effect in office.tickets.effects.troubled() if effect.state == "failed"]


def test_settlement__only_a_payout_is_taken_back__is_sent_again(
    office: Office, holdings: dict[str, int]
) -> None:
    office.judged(settle_verdict(office.stage.trainers))
    office.run()
    paid = gained(office, holdings)
    reorganise(office.stage.world, head(office) - 1)
    assert gained(office, holdings) != paid
    office.run()
    assert gained(office, holdings) == paid
    assert office.audit() == set()


def test_refund__taken_back__is_made_again_and_reaches_the_customer_once(
    office: Office, holdings: dict[str, int]
) -> None:
    office.judged(fail_verdict((office.stage.trainers[0],)))
    before = head(office)
    office.run()
    customer = office.stage.world.person("customer").address
    assert gained(office, holdings)[customer] == 0
    reorganise(office.stage.world, before)
    assert gained(office, holdings)[customer] == -FEE_WEI
    office.run()
    assert (on_chain(office), was_noticed(office)) == (words.FAILED, True)
    assert gained(office, holdings)[customer] == 0
    assert office.tickets.get("t_1").status is Status.REFUNDED
    assert office.audit() == set()


def test_draw__taken_back_with_its_seed__ends_in_money_that_adds_up(
    office: Office, holdings: dict[str, int]
) -> None:
    office.drawing()
    before = head(office)
    # The judged job's validators were drawn by a block that is about to be another.
    office.judge(office.started(), settle_verdict(office.stage.trainers))
    reorganise(office.stage.world, before)
    office.stage.world.mine(SEED_BLOCKS)
    office.run()
    office.pass_time(700)
    office.run()
    ticket = office.tickets.get("t_1")
    settled = on_chain(office) == words.SETTLED
    assert ticket.status is (Status.SETTLED if settled else Status.REFUNDED)
    assert gained(office, holdings)[office.stage.world.person("customer").address] == (
        -FEE_WEI if settled else 0
    )
    assert office.audit() == set()


def test_confirmations__what_is_taken_back_before_it_counts__was_never_taken_in(stage: Stage) -> None:
    world = stage.world
    patient = Office(
        Stage(world, Web3Market(world.deployments, world.rpc_url, world.key("operator"), 3), stage.carbon)
    )
    patient.mirror.run_once()
    before = head(patient)
    patient.paid()
    world.mine()
    patient.run()
    assert patient.tickets.get("t_1").status is Status.QUOTED
    reorganise(world, before)
    world.mine(3)
    patient.run()
    assert (patient.tickets.get("t_1").status, was_noticed(patient)) == (Status.QUOTED, False)


def test_registration__taken_back__is_no_node_of_ours(office: Office) -> None:
    world, newcomer = office.stage.world, account("newcomer")
    world.fund(newcomer.address)
    office.mirror.run_once()
    before = head(office)
    register = world.contract("NodeStaking").functions.register(
        "newcomer", account("its machine").address, TRAINER
    )
    world.act(newcomer, register, DEPOSIT_WEI)
    office.mirror.run_once()
    known = office.nodes.get(newcomer.address)
    assert known is not None
    assert known.state == "Active"
    reorganise(office.stage.world, before)
    office.mirror.run_once()
    known = office.nodes.get(newcomer.address)
    assert known is not None
    assert (known.state, known.deposit_wei) == ("None", "0")
