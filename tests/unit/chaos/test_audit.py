"""The campaign's audit: honest books are clean; whatever is planted in them, once too often or not at all, is found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend.domain import effects as fx
from backend.domain.credit_effects import IssuedCredit
from backend.domain.ticket import Status
from backend.ports import ChainEvent
from backend.settlement.invariants import Accused, JobBooks, MoneyBooks, Slash
from scripts.chaos.audit import Books, KeptEffect, audit
from tests.support.jobs import fail_verdict, quoted_ticket, settle_verdict
from tests.support.tickets import round_record

ESCROW, TREASURY = "0xE", "0xF"
CUSTOMER = "0x00000000000000000000000000000000000000C1"
A, B, X = (f"0x00000000000000000000000000000000000000A{n}" for n in (1, 2, 3))
FEE, COMMISSION, SHARES = 1_000, 20, (500, 480)
NOBODY = "0x0000000000000000000000000000000000000000"


def event(name: str, contract: str = "JobEscrow", **args: Any) -> ChainEvent:
    return ChainEvent(contract, name, args, block=1, log_index=1, tx=f"0x{name}")


def transfer(payer: str, payee: str, wei: int) -> ChainEvent:
    return event("Transfer", "DMLToken", **{"from": payer, "to": payee, "value": wei})


PAID = replace(
    quoted_ticket("paid", CUSTOMER, 500),
    status=Status.SETTLED,
    rounds=(round_record(1),),
    verdict=replace(settle_verdict([A, B]), amounts_wei=tuple(map(str, SHARES))),
)
BACK = replace(
    quoted_ticket("back", CUSTOMER, 500),
    status=Status.REFUNDED,
    verdict=fail_verdict([X]),
    accusations={X: "slashed"},
    slashed={X: "101"},
    deposits_received_wei={A: "51", B: "50"},
)
EVENTS = (
    transfer(NOBODY, CUSTOMER, 10_000),
    event("JobOpened", jobId=PAID.job_id, customer=CUSTOMER, fee=FEE),
    transfer(CUSTOMER, ESCROW, FEE),
    event("JobAssigned", jobId=PAID.job_id),
    event("RoundRecorded", jobId=PAID.job_id, round=1),
    event("JobSettled", jobId=PAID.job_id, payees=[A, B], amounts=list(SHARES), commission=COMMISSION),
    transfer(ESCROW, A, SHARES[0]),
    transfer(ESCROW, B, SHARES[1]),
    event("JobOpened", jobId=BACK.job_id, customer=CUSTOMER, fee=FEE),
    transfer(CUSTOMER, ESCROW, FEE),
    event("JobAssigned", jobId=BACK.job_id),
    event("JobFailed", jobId=BACK.job_id, refund=FEE, culprits=[X]),
    transfer(ESCROW, CUSTOMER, FEE),
    event("SlashFinalized", jobId=BACK.job_id, culprit=X, amount=101, honest=[A, B], shares=[51, 50]),
    event("CreditWithdrawn", "NodeStaking", account=A, amount=51),
    event("CreditWithdrawn", "NodeStaking", account=B, amount=50),
)
MONEY = MoneyBooks(
    block=9,
    chain_time=400,
    treasury=TREASURY,
    escrow_balance_wei=COMMISSION,
    open_fees_wei=0,
    total_credits_wei=COMMISSION,
    owed={A: 0, B: 0, TREASURY: COMMISSION, CUSTOMER: 0},
    credits={A: 0, B: 0, TREASURY: COMMISSION, CUSTOMER: 0},
    unclaimed_wei=0,
    staking_balance_wei=60,
    active_wei=60,
    unbonding_wei=0,
    slashed_unclaimed_wei=0,
    jobs=(
        JobBooks(
            PAID.job_id, CUSTOMER, FEE, 500, "Settled", 200, 1, ("Settled",), (A, B), SHARES, COMMISSION
        ),
        JobBooks(
            *(BACK.job_id, CUSTOMER, FEE, 500, "Failed", 200, 1, ("Failed",)),
            refund_wei=FEE,
            honest=(A, B),
            accused=(Accused(X, "slashed", "Banned", 0),),
            slashes=(Slash(X, 101, (A, B), (51, 50)),),
        ),
    ),
)
CHAIN_EFFECTS = {
    fx.Assign(PAID.id, PAID.job_id, (A, B)): "JobAssigned",
    fx.RecordRound(PAID.id, PAID.job_id, 1, "0x"): "RoundRecorded",
    fx.Settle(PAID.id, PAID.job_id): "JobSettled",
    fx.PayOut(PAID.id, A, f"settled:{A}"): "Transfer",
    fx.PayOut(PAID.id, B, f"settled:{B}"): "Transfer",
    fx.Fail(BACK.id, BACK.job_id): "JobFailed",
    fx.PayOut(BACK.id, CUSTOMER, "refund"): "Transfer",
    fx.FinalizeSlash(BACK.id, BACK.job_id): "SlashFinalized",
    fx.PayOutDeposit(BACK.id, A, X): "CreditWithdrawn",
    fx.PayOutDeposit(BACK.id, B, X): "CreditWithdrawn",
}
MAILS = (
    *(fx.SendMail(PAID.id, kind) for kind in (fx.MailKind.FUNDED, fx.MailKind.STARTED, fx.MailKind.SETTLED)),
    *(fx.SendMail(BACK.id, kind) for kind in (fx.MailKind.FUNDED, fx.MailKind.REFUNDED)),
)
EFFECTS = (
    *(KeptEffect(e.key, type(e).__name__, "done", tx=f"0x{said}") for e, said in CHAIN_EFFECTS.items()),
    *(KeptEffect(e.key, "SendMail", "done", sent=True) for e in MAILS),
)
BOOKS = Books(
    events=EVENTS,
    effects=EFFECTS,
    tickets=(PAID, BACK),
    money=MONEY,
    escrow=ESCROW,
    letters=tuple(f"<{e.key}>" for e in MAILS),
    letter_ids={e.key: f"<{e.key}>" for e in MAILS},
    rating_steps=frozenset({"A/1/1"}),
    rating_events=frozenset({"A/1/1"}),
    engaged={A: 0, B: 0},
)


def test_audit__honest_books__are_clean() -> None:
    assert audit(BOOKS).clean, audit(BOOKS)


@pytest.mark.parametrize("name", ["JobAssigned", "RoundRecorded", "JobSettled", "SlashFinalized"])
def test_audit__an_effect_twice_on_chain__is_found(name: str) -> None:
    again = next(e for e in EVENTS if e.name == name)
    found = audit(replace(BOOKS, events=(*EVENTS, again)))
    assert len(found.duplicated) == 1
    assert not found.clean


def test_audit__a_job_settled_and_failed__is_found() -> None:
    failed = event("JobFailed", jobId=PAID.job_id, refund=FEE, culprits=[])
    assert audit(replace(BOOKS, events=(*EVENTS, failed))).duplicated


def test_audit__a_letter_twice__is_found() -> None:
    found = audit(replace(BOOKS, letters=(*BOOKS.letters, BOOKS.letters[0])))
    assert [sentence for sentence in found.duplicated if "2 times in the mailbox" in sentence]


def test_audit__a_letter_that_never_arrived__is_found() -> None:
    found = audit(replace(BOOKS, letters=BOOKS.letters[1:]))
    assert [sentence for sentence in found.lost if "its letter is not in the mailbox" in sentence]


def test_audit__a_credit_twice_on_a_ticket__is_found() -> None:
    credit = IssuedCredit(A, 1, "FR", "2026-11", "0x1", 5, "0xserial", "0xJobSettled")
    twice = replace(PAID, credits=(credit, credit))
    assert audit(replace(BOOKS, tickets=(twice, BACK))).duplicated


@pytest.mark.parametrize(("kept", "list_name"), [({"A/1/1", "A/2/1"}, "duplicated"), (set(), "lost")])
def test_audit__rating_steps_that_are_not_the_chains__are_found(kept: set[str], list_name: str) -> None:
    assert getattr(audit(replace(BOOKS, rating_steps=frozenset(kept))), list_name)


@pytest.mark.parametrize("number", range(len(EFFECTS)))
def test_audit__an_effect_not_carried_out__is_found(number: int) -> None:
    if EFFECTS[number].kind in ("Assign", "Fail"):
        left_open = replace(EFFECTS[number], state="open")
        effects = (*EFFECTS[:number], left_open, *EFFECTS[number + 1 :])
    else:
        effects = (*EFFECTS[:number], *EFFECTS[number + 1 :])
    assert audit(replace(BOOKS, effects=effects)).lost


def test_audit__an_effect_done_by_a_transaction_that_no_chain_knows__is_found() -> None:
    forgotten = replace(EFFECTS[2], tx="0xforgotten")
    found = audit(replace(BOOKS, effects=(*EFFECTS[:2], forgotten, *EFFECTS[3:])))
    assert found.lost == (f"effect {EFFECTS[2].key} is done by 0xforgotten, which no chain knows",)


@pytest.mark.parametrize("name", ["Transfer", "CreditWithdrawn"])
def test_audit__a_wei_too_few_or_too_many__is_counted(name: str) -> None:
    field = {"Transfer": "value", "CreditWithdrawn": "amount"}[name]
    for number, one in enumerate(EVENTS):
        if one.name != name or one.args.get("from") == NOBODY:
            continue
        for wei in (-1, 1):
            other = replace(one, args={**one.args, field: one.args[field] + wei})
            found = audit(replace(BOOKS, events=(*EVENTS[:number], other, *EVENTS[number + 1 :])))
            assert found.unaccounted_wei == 1, one


@pytest.mark.parametrize("field", ["escrow_balance_wei", "staking_balance_wei"])
def test_audit__a_wei_missing_from_a_contract__is_counted(field: str) -> None:
    money = replace(MONEY, **{field: getattr(MONEY, field) - 1})
    assert audit(replace(BOOKS, money=money)).unaccounted_wei == 1


def test_audit__a_ticket_that_says_other_than_the_chain__is_found() -> None:
    for changed in (replace(PAID, status=Status.RUNNING), replace(PAID, rounds=())):
        assert audit(replace(BOOKS, tickets=(changed, BACK))).broken


def test_audit__a_node_still_held_to_a_job__is_found() -> None:
    assert audit(replace(BOOKS, engaged={A: 1, B: 0})).broken == (
        f"node {A} is still held to 1 jobs that have ended",
    )
