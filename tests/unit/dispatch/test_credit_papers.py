"""What of a finished job claims credit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from backend.adapters.memory import MemoryNodes, MemoryObjects, MemoryTasks
from backend.dispatch.credit_papers import CreditPapers
from backend.dispatch.epoch_papers import job_papers
from backend.domain.credit_effects import FixedBaseline
from backend.domain.ticket import Moment, Status, Ticket
from backend.energy.chain_energy import chain_cost, figures
from fl_nodes.connection import Market
from fl_nodes.protocol.credit_baseline import CreditBaseline
from fl_nodes.protocol.credit_rule import over_claimed, unsound
from tests.support.clock import ManualClock
from tests.support.jobs import settle_verdict
from tests.support.ledger import HOUR, Crew

ESCROW = "0x00000000000000000000000000000000000000E5"
TRAINERS = tuple(f"0x00000000000000000000000000000000000000A{n}" for n in (1, 2))
STARTED = HOUR * 3600 + 5


@pytest.fixture
def objects() -> MemoryObjects:
    return MemoryObjects()


@pytest.fixture
def ticket(objects: MemoryObjects, tmp_path: Path) -> Ticket:
    """Two trainers, two rounds of 3.6 J and some setting up, all at 300 g/kWh; the baseline is ten times as much."""
    crew = Crew(Market(31337, ESCROW), MemoryTasks(ManualClock()), MemoryNodes(), objects, tmp_path)
    for provider in TRAINERS:
        crew.join(provider, Account.from_key(keccak(text=provider)))
    made = crew.finished("t_1", TRAINERS)
    baseline = CreditBaseline(made.job_id, 36_000, 3_000, 40_000_000, 4, "0x" + "d0" * 32)
    return replace(
        made,
        verdict=settle_verdict(TRAINERS),
        baseline=FixedBaseline(baseline, STARTED, "0xab"),
        timeline=(Moment(Status.QUEUED, STARTED - 9.0), Moment(Status.RUNNING, STARTED + 0.5)),
    )


def _papers(objects: MemoryObjects, ticket: Ticket, millijoules: int = 20):
    return CreditPapers(objects, figures(str(millijoules), str(millijoules)))(
        ticket, job_papers(ticket, objects, MemoryNodes())
    )


def test_papers__a_settled_job__claims_what_was_avoided(objects, ticket):
    papers = _papers(objects, ticket)

    rounds = [reading for reading in papers.readings if reading.round > 0]
    assert papers.baseline == ticket.baseline.baseline
    assert [unsound(c, r, papers.baseline, keccak) for c, r in zip(papers.claims, rounds, strict=True)] == [
        None
    ] * 4
    assert not over_claimed(papers.claims, papers.readings, papers.baseline)
    assert all(claim.amount_ug > 1_000 and claim.started == STARTED for claim in papers.claims)


def test_papers__the_intensity_is_uncertain_too__more_counts_against_it(objects, ticket):
    (claim, *_) = _papers(objects, ticket).claims

    # 40 % of the energy and 10 % of the intensity, both the same way: 54 % of 300 µg.
    assert (claim.actual_ug, claim.uncertainty_ug) == (300, 162)


def test_papers__chains_take_more__credits_are_less(objects, ticket):
    cheap, dear = (sum(c.amount_ug for c in _papers(objects, ticket, mj).claims) for mj in (20, 2_000))

    cost = chain_cost(ticket, figures("20", "20"))
    assert cost.market_transactions + cost.carbon_transactions == 7 + 2
    assert 0 < dear < cheap


def test_papers__the_job_failed__claims_nothing(objects, ticket):
    failed = replace(ticket, verdict=replace(ticket.verdict, outcome="fail"))
    assert _papers(objects, failed).claims == ()


def test_papers__the_baseline_came_late_or_never__claims_nothing(objects, ticket):
    late = replace(ticket, baseline=replace(ticket.baseline, fixed_at=STARTED + 1))
    for each in (late, replace(ticket, baseline=None), replace(ticket, timeline=())):
        papers = _papers(objects, each)
        assert (papers.claims, papers.baseline) == ((), None)
