"""The audit follows every wei that goes back to a customer, out of a deposit, or out of a credit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.verification.job_accusations import equal_shares
from fl_nodes.protocol.finding import Outcome
from tests.unit.verification.market_story import (
    CUSTOMER,
    DEPOSIT,
    FEE,
    STRANGER,
    TIMEOUT_S,
    TRAINERS,
    TREASURY,
    WINDOW_S,
    Story,
    failed,
    findings,
    outcomes,
    told,
    without,
)

pytestmark = pytest.mark.unit

ACCUSED, OTHER, HONEST = TRAINERS


def accused(*culprits: str) -> Story:
    return Story().running().fail(culprits or (ACCUSED,))


@pytest.mark.parametrize("change", [{"refund": FEE - 1}, {"refund": FEE + 1}], ids=["less", "more"])
def test_refund__not_the_fee__does_not_follow(change: dict[str, int]) -> None:
    assert failed(Story().running().fail((), **change).history()) == {"refund"}
    assert failed(told(Story().open().cancel().history(), "JobCancelled", **change)) == {"refund"}


@pytest.mark.parametrize("end", ["JobCancelled", "JobReclaimed"])
def test_refund__to_somebody_else__does_not_follow(end: str) -> None:
    story = Story().open()
    history = (story.cancel() if end == "JobCancelled" else story.reclaim()).history()
    assert failed(history) == set()
    assert failed(told(history, end, customer=STRANGER)) == {"refund"}


@pytest.mark.parametrize("change", [{"value": 1}, {"to": STRANGER}], ids=str)
def test_refund__reclaim_that_sent_something_else__does_not_follow(change: dict[str, object]) -> None:
    assert failed(told(Story().open().reclaim().history(), "Transfer", 1, **change)) == {"refund"}


def test_accusations__slash_after_the_window__follows() -> None:
    assert failed(accused().finalize(ACCUSED).history()) == set()


def test_accusations__slash_inside_the_window__does_not_follow() -> None:
    assert failed(accused().finalize(ACCUSED, after_s=WINDOW_S - 1).history()) == {"accusations"}


def test_accusations__two_culprits__each_is_slashed_for_the_one_left() -> None:
    story = accused(ACCUSED, OTHER).finalize(ACCUSED)
    assert failed(story.slashed(OTHER).history()) == set()


def test_accusations__all_were_named__the_treasury_benefits() -> None:
    story = accused(*TRAINERS).finalize(ACCUSED)
    assert failed(story.history()) == set()
    assert failed(replace(story.history(), treasury=STRANGER)) == {"accusations"}


def test_accusations__slashed_twice__does_not_follow() -> None:
    assert "accusations" in failed(accused().finalize(ACCUSED).finalize(ACCUSED).history())


@pytest.mark.parametrize(("guilty", "end"), [(True, "SlashFinalized"), (False, "NodeUnfrozen")])
def test_accusations__contested_and_decided__follows(guilty: bool, end: str) -> None:
    story = accused().contest(ACCUSED).arbitrate(ACCUSED, guilty)
    assert failed(story.history()) == set()
    assert failed(without(story.history(), end)) == {"accusations"}


def test_accusations__contested_too_late__does_not_follow() -> None:
    assert failed(accused().contest(ACCUSED, after_s=WINDOW_S - 1).history()) == set()
    assert failed(accused().contest(ACCUSED, after_s=WINDOW_S).history()) == {"accusations"}


def test_accusations__contested_and_slashed_without_the_arbiter__does_not_follow() -> None:
    assert failed(accused().contest(ACCUSED).finalize(ACCUSED).history()) == {"accusations"}


def test_accusations__decided_without_a_contest__does_not_follow() -> None:
    assert failed(accused().arbitrate(ACCUSED, guilty=False).history()) == {"accusations"}


def test_accusations__acquitted_and_slashed_all_the_same__does_not_follow() -> None:
    story = accused().contest(ACCUSED).arbitrate(ACCUSED, guilty=False)
    assert failed(story.finalize(ACCUSED).history()) == {"accusations"}


def test_accusations__arbiter_silent__lapses_after_its_time_only() -> None:
    in_time = accused().contest(ACCUSED).lapse(ACCUSED, after_s=WINDOW_S + TIMEOUT_S - 12)
    assert failed(in_time.history()) == set()
    early = accused().contest(ACCUSED).lapse(ACCUSED, after_s=WINDOW_S + TIMEOUT_S - 13)
    assert failed(early.history()) == {"accusations"}


def test_accusations__somebody_not_named__cannot_be_slashed() -> None:
    assert "accusations" in failed(accused().finalize(OTHER).history())


def test_accusations__no_trainer_of_the_job__does_not_follow() -> None:
    assert "accusations" in failed(accused(STRANGER).history())


def test_accusations__culprits_out_of_order__does_not_follow() -> None:
    assert failed(accused(OTHER, ACCUSED).history()) == {"accusations"}


def test_accusations__other_honest_ones__does_not_follow() -> None:
    assert failed(Story().running().fail((ACCUSED,), honest=[HONEST]).history()) == {"accusations"}


def test_accusations__deposit_not_frozen__does_not_follow() -> None:
    assert failed(without(accused().history(), "NodeFrozen")) == {"accusations"}


@pytest.mark.parametrize(
    "change",
    [
        {"shares": [DEPOSIT // 2, DEPOSIT // 2 + 1]},
        {"shares": [DEPOSIT // 2, DEPOSIT // 2]},
        {"amount": DEPOSIT - 1, "shares": [DEPOSIT // 2, DEPOSIT // 2]},
        {"honest": [OTHER, STRANGER]},
        {"honest": [HONEST], "shares": [DEPOSIT]},
    ],
    ids=["odd wei to the wrong one", "a wei missing", "not the whole deposit", "a stranger", "one left out"],
)
def test_accusations__deposit_divided_otherwise__does_not_follow(change: dict[str, object]) -> None:
    assert failed(accused().finalize(ACCUSED, **change).history()) == {"accusations"}  # type: ignore[arg-type]


def test_accusations__escrow_and_staking_disagree__does_not_follow() -> None:
    history = accused().finalize(ACCUSED).history()
    assert "accusations" in failed(told(history, "NodeSlashed", amount=1))
    assert "accusations" in failed(without(history, "NodeSlashed"))


def test_accusations__culprit_slashed_for_another_job_before__loses_nothing_more() -> None:
    story = accused()
    gone = {"amount": DEPOSIT, "beneficiaries": [STRANGER], "shares": [DEPOSIT]}
    story.mine().staking("NodeFrozen", provider=ACCUSED)
    story.mine().staking("NodeSlashed", provider=ACCUSED, **gone).staking("NodeBanned", provider=ACCUSED)
    assert failed(story.finalize(ACCUSED, amount=0, shares=[0, 0]).history()) == set()


def test_accusations__slashed_for_two_jobs_in_one_transaction__each_slash_is_held_against_its_own() -> None:
    story = accused().finalize(ACCUSED)
    story.staking("NodeSlashed", provider=ACCUSED, amount=0, beneficiaries=[STRANGER], shares=[0])
    assert failed(story.history()) == set()


def test_accusations__settled_job__has_none() -> None:
    story = Story().running().settle()
    assert outcomes(story.history())["accusations"] is Outcome.OK
    assert "accusations" in failed(story.mine().own("SlashContested", culprit=ACCUSED).history())


@pytest.mark.parametrize(("amount", "parts", "split"), [(7, 3, [3, 2, 2]), (6, 3, [2, 2, 2]), (1, 2, [1, 0])])
def test_equal_shares__any_amount__differs_by_a_wei_at_most(
    amount: int, parts: int, split: list[int]
) -> None:
    assert equal_shares(amount, parts) == split


def test_credits__everyone_withdrew__adds_up() -> None:
    story = Story().running().settle()
    (finding,) = (f for f in findings(story.history()) if f.name == "credits")
    assert f"4 accounts were credited {FEE} wei" in finding.detail
    for trainer, wei in zip(TRAINERS, story.due(), strict=True):
        story.withdraw(trainer, wei)
    story.withdraw(TREASURY, FEE * 200 // 10_000)
    (finding,) = (f for f in findings(story.history()) if f.name == "credits")
    assert finding.outcome is Outcome.OK
    assert f"4 accounts were credited {FEE} wei" in finding.detail
    assert f"{FEE} wei, is what they were owed" in finding.detail


@pytest.mark.parametrize("more", [1, -1])
def test_credits__a_wei_more_or_less_than_owed__does_not_add_up(more: int) -> None:
    story = Story().running().settle()
    assert failed(story.withdraw(TRAINERS[0], story.due()[0] + more).history()) == {"credits"}


def test_credits__withdrawn_twice__does_not_add_up() -> None:
    story = Story().running().settle()
    wei = story.due()[0]
    assert failed(story.withdraw(TRAINERS[0], wei).withdraw(TRAINERS[0], wei).history()) == {"credits"}


def test_credits__withdrawn_before_the_job_ended__does_not_add_up() -> None:
    story = Story().running()
    wei = story.due()[0]
    assert failed(story.withdraw(TRAINERS[0], wei).settle().history()) == {"credits"}


@pytest.mark.parametrize("change", [{"to": STRANGER}, {"value": 1}], ids=str)
def test_credits__withdrawal_that_sent_something_else__does_not_add_up(change: dict[str, object]) -> None:
    story = Story().running().settle()
    history = story.withdraw(TRAINERS[0], story.due()[0]).history()
    assert failed(told(history, "Transfer", 1, **change)) == {"credits"}


def test_credits__refund__is_the_customers() -> None:
    assert failed(Story().open().cancel().withdraw(CUSTOMER, FEE).history()) == set()
    assert failed(Story().running().fail().withdraw(CUSTOMER, FEE).history()) == set()
    assert failed(Story().running().fail().withdraw(CUSTOMER, 2 * FEE).history()) == {"credits"}


def test_credits__commission__is_the_treasurys() -> None:
    story = Story().running().settle().withdraw(TREASURY, FEE * 200 // 10_000)
    assert failed(story.history()) == set()
    assert failed(story.withdraw(TREASURY, 1).history()) == {"credits"}


def test_credits__claims_of_a_tree__add_up() -> None:
    story = Story().running().settle_by_root().claim(1)
    assert failed(story.withdraw(TRAINERS[1], story.due()[1]).history()) == set()
    assert "credits" in failed(story.withdraw(TRAINERS[1], 1).history())


def test_credits__shares_of_a_slash__add_up_in_native_coin() -> None:
    story = accused().finalize(ACCUSED)
    share = DEPOSIT // 2 + 1
    story.mine().staking("CreditWithdrawn", account=OTHER, amount=share)
    assert failed(story.history()) == set()
    story.mine().staking("CreditWithdrawn", account=HONEST, amount=share)
    assert failed(story.history()) == {"credits"}
