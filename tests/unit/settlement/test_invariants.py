"""Each rule of money holds for honest books and notices the one thing that breaks it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.settlement.invariants import Accused, JobBooks, MoneyBooks, Slash, money_invariants

SETTLED = JobBooks(
    job_id="0x1",
    customer="0xC",
    fee_wei=1_000,
    deadline=500,
    status="Settled",
    commission_bps=200,
    opened=1,
    ends=("Settled",),
    payees=("0xA", "0xB"),
    amounts_wei=(500, 480),
    commission_wei=20,
)
FAILED = JobBooks(
    job_id="0x2",
    customer="0xC",
    fee_wei=1_000,
    deadline=500,
    status="Failed",
    commission_bps=200,
    opened=1,
    ends=("Failed",),
    refund_wei=1_000,
    honest=("0xA", "0xB"),
    accused=(Accused("0xX", "slashed", "Banned", 0),),
    slashes=(Slash("0xX", 101, ("0xA", "0xB"), (51, 50)),),
)
RECLAIMED = replace(
    SETTLED,
    job_id="0x3",
    status="Reclaimed",
    ends=("Reclaimed",),
    payees=(),
    amounts_wei=(),
    commission_wei=0,
    refund_wei=1_000,
    sent_wei=1_000,
)
OPEN = replace(SETTLED, job_id="0x4", status="Open", ends=(), payees=(), amounts_wei=(), commission_wei=0)
BOOKS = MoneyBooks(
    block=9,
    chain_time=400,
    treasury="0xT",
    escrow_balance_wei=3_000,
    open_fees_wei=1_000,
    total_credits_wei=2_000,
    owed={"0xA": 500, "0xB": 0, "0xT": 20, "0xC": 1_000},
    credits={"0xA": 500, "0xB": 0, "0xT": 20, "0xC": 1_000},
    unclaimed_wei=480,
    staking_balance_wei=60,
    active_wei=30,
    unbonding_wei=20,
    slashed_unclaimed_wei=10,
    jobs=(SETTLED, FAILED, RECLAIMED, OPEN),
)


def test_money_invariants__honest_books__all_hold():
    assert all(money_invariants(BOOKS).values())


@pytest.mark.parametrize(
    ("rule", "job", "change"),
    [
        ("each_job_paid_once", SETTLED, {"opened": 2}),
        ("each_job_ended_once", SETTLED, {"ends": ("Settled", "Reclaimed")}),
        ("each_job_ended_once", OPEN, {"ends": ("Settled",)}),
        ("each_job_ended_once", FAILED, {"ends": ()}),
        ("settle_shares_sum_to_98_percent", SETTLED, {"amounts_wei": (500, 479)}),
        ("settle_shares_sum_to_98_percent", SETTLED, {"amounts_wei": (500, 470), "commission_wei": 30}),
        ("commission_2_percent_to_treasury", SETTLED, {"commission_bps": 300}),
        ("commission_2_percent_to_treasury", SETTLED, {"commission_wei": 19}),
        ("refunds_full", FAILED, {"refund_wei": 999}),
        ("refunds_full", FAILED, {"sent_wei": 1_000}),
        ("refunds_full", RECLAIMED, {"sent_wei": 0}),
        ("refunds_full", RECLAIMED, {"refund_wei": 1_001}),
        ("culprits_banned_and_slashed_once", FAILED, {"accused": (Accused("0xX", "slashed", "Active", 0),)}),
        (
            "culprits_banned_and_slashed_once",
            FAILED,
            {"accused": (Accused("0xX", "acquitted", "Active", 9),)},
        ),
        ("culprits_banned_and_slashed_once", FAILED, {"accused": ()}),
        ("culprits_banned_and_slashed_once", FAILED, {"slashes": FAILED.slashes * 2}),
        ("slashed_deposits_split_among_honest", FAILED, {"honest": ("0xA",)}),
        (
            "slashed_deposits_split_among_honest",
            FAILED,
            {"slashes": (Slash("0xX", 101, ("0xA", "0xB"), (52, 49)),)},
        ),
        (
            "slashed_deposits_split_among_honest",
            FAILED,
            {"slashes": (Slash("0xX", 101, ("0xA", "0xB"), (50, 50)),)},
        ),
        ("no_open_job_past_deadline", OPEN, {"deadline": 400}),
    ],
)
def test_money_invariants__a_job_out_of_order__breaks_its_rule(rule, job, change):
    broken = tuple(replace(job, **change) if j is job else j for j in BOOKS.jobs)
    assert money_invariants(replace(BOOKS, jobs=broken))[rule] is False


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("escrow_balance_equals_open_fees_plus_credits", "escrow_balance_wei"),
        ("escrow_balance_equals_open_fees_plus_credits", "open_fees_wei"),
        ("credits_follow_from_how_jobs_ended", "unclaimed_wei"),
        ("deposits_equal_active_plus_unbonding_plus_slashed_unclaimed", "staking_balance_wei"),
        ("deposits_equal_active_plus_unbonding_plus_slashed_unclaimed", "unbonding_wei"),
    ],
)
def test_money_invariants__a_wei_missing__breaks_its_rule_only(rule, field):
    found = money_invariants(replace(BOOKS, **{field: getattr(BOOKS, field) - 1}))
    assert [name for name, holds in found.items() if not holds] == [rule]


@pytest.mark.parametrize(
    "credits",
    [
        {**BOOKS.credits, "0xA": 501},
        {**BOOKS.credits, "0xA": 480, "0xB": 20},
        {**BOOKS.credits, "0xA": 0},
    ],
)
def test_money_invariants__an_account_has_not_what_the_jobs_left_it__is_seen(credits):
    assert not money_invariants(replace(BOOKS, credits=credits))["credits_follow_from_how_jobs_ended"]


def test_money_invariants__a_credit_that_no_job_gave__is_seen():
    hidden = replace(BOOKS, total_credits_wei=2_001, escrow_balance_wei=3_001)
    found = money_invariants(hidden)
    assert [name for name, holds in found.items() if not holds] == ["credits_follow_from_how_jobs_ended"]
