"""The audit believes a job that kept the rules, and names what does not follow in one that did not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.verification.job_history import JobHistory, job_id_of
from fl_nodes.protocol.finding import Outcome
from tests.unit.verification.market_story import (
    CUSTOMER,
    ESCROW,
    FEE,
    JOB,
    STRANGER,
    TRAINERS,
    VALIDATORS,
    Story,
    failed,
    outcomes,
    papers,
    told,
    without,
)

pytestmark = pytest.mark.unit


def repeated(history: JobHistory, name: str) -> JobHistory:
    """An event that happened again later."""
    event = next(e for e in history.events if e.name == name)
    again = replace(event, block=history.head + 1, tx="0xagain")
    return replace(
        history, events=(*history.events, again), block_times={**history.block_times, again.block: 2 * 10**9}
    )


def test_audit__settled_job_with_all_papers__everything_follows() -> None:
    story = Story().running().settle()
    found = outcomes(story.history(), papers(story))
    assert {n for n, o in found.items() if o is not Outcome.OK} == {"lineage"}


def test_audit__settled_job_and_the_chain_alone__leaves_only_what_needs_papers() -> None:
    found = outcomes(Story().running().settle().history())
    assert {n for n, o in found.items() if o is Outcome.NOT_CHECKABLE} == {
        "spec",
        "result",
        "evidence",
        "lineage",
    }
    assert Outcome.FAILED not in found.values()


@pytest.mark.parametrize("steps", [["open"], ["open", "choose"], ["open", "choose", "draw"], ["running"]])
def test_audit__job_under_way__nothing_fails(steps: list[str]) -> None:
    story = Story()
    for step in steps:
        getattr(story, step)()
    found = outcomes(story.history())
    assert Outcome.FAILED not in found.values()
    assert found["verdict"] is found["shares"] is found["credits"] is Outcome.NOT_CHECKABLE


@pytest.mark.parametrize(
    "steps", [["cancel"], ["choose", "cancel"], ["reclaim"], ["choose", "draw", "reclaim"]]
)
def test_audit__job_ended_without_a_verdict__everything_follows(steps: list[str]) -> None:
    story = Story().open()
    for step in steps:
        getattr(story, step)()
    assert failed(story.history()) == set()


def test_contracts__staking_of_another_escrow__does_not_follow() -> None:
    history = Story().open().history()
    assert failed(told(history, "EscrowSet", escrow=STRANGER)) == {"contracts"}
    assert failed(without(history, "EscrowSet")) == {"contracts"}


@pytest.mark.parametrize(
    "change",
    [
        {"ref": "0x" + "00" * 32},
        {"customer": STRANGER},
        {"commissionBps": 100},
        {"fee": FEE + 1},
        {"deadline": 5},
    ],
    ids=str,
)
def test_opening__event_that_says_otherwise__does_not_follow(change: dict[str, object]) -> None:
    assert failed(told(Story().open().history(), "JobOpened", **change)) == {"opened"}


@pytest.mark.parametrize(
    "change", [{"value": FEE - 1}, {"from": STRANGER}, {"to": STRANGER}], ids=["less", "from", "to"]
)
def test_opening__fee_that_did_not_arrive__does_not_follow(change: dict[str, object]) -> None:
    assert failed(told(Story().open().history(), "Transfer", **change)) == {"opened"}


def test_opening__opened_twice__does_not_follow() -> None:
    assert failed(repeated(Story().open().history(), "JobOpened")) == {"opened", "life"}


def test_opening__two_jobs_in_one_transaction__each_needs_its_own_fee() -> None:
    story = Story().open()
    ref = "0x" + "55" * 32
    story.escrow("JobOpened", jobId=job_id_of(CUSTOMER, ref), customer=CUSTOMER, ref=ref, fee=FEE)
    assert failed(story.history()) == {"opened"}
    assert failed(story.sent(CUSTOMER, ESCROW, FEE).history()) == set()


def test_opening__commission_changed_before__is_the_one_in_force() -> None:
    story = Story()
    story.mine().escrow("CommissionChanged", bps=300)
    history = story.open().history()
    assert failed(history) == {"opened"}
    assert failed(told(history, "JobOpened", commissionBps=300)) == set()
    later = Story().open()
    later.mine().escrow("CommissionChanged", bps=300)
    assert failed(later.history()) == set()


def test_life__two_ends__does_not_follow() -> None:
    assert "life" in failed(Story().running().settle().cancel().history())


def test_life__round_after_the_end__does_not_follow() -> None:
    assert failed(Story().running().settle().round(3).history()) == {"life"}


def test_life__assigned_without_trainers_chosen__does_not_follow() -> None:
    assert "life" in failed(without(Story().running().history(), "TrainersChosen"))


@pytest.mark.parametrize("missing", ["JobOpened", "JobAssigned"])
def test_audit__an_event_missing__says_so_and_stands(missing: str) -> None:
    story = Story().running().settle()
    found = outcomes(without(story.history(), missing), papers(story))
    assert found["life"] is Outcome.FAILED
    assert found["shares"] is Outcome.NOT_CHECKABLE
    assert found["opened" if missing == "JobOpened" else "verdict"] is Outcome.FAILED


def test_life__claim_of_a_job_that_named_its_payees__does_not_follow() -> None:
    assert failed(Story().running().settle().claim(0).history()) == {"life"}


def test_life__released_twice__does_not_follow() -> None:
    story = Story().running().reclaim()
    story.mine().own("JobReleased")
    assert failed(story.history()) == set()
    story.mine().own("JobReleased")
    assert failed(story.history()) == {"life"}


@pytest.mark.parametrize("end", ["settle", "fail"])
def test_life__released_though_its_end_had_freed_the_nodes__does_not_follow(end: str) -> None:
    story = getattr(Story().running(), end)()
    assert failed(story.mine().own("JobReleased").history()) == {"life"}


def test_life__released_or_claimed_before_the_end__does_not_follow() -> None:
    assert failed(Story().running().mine().own("JobReleased").history()) == {"life"}
    assert failed(Story().running().claim(0).history()) == {"life"}


def test_life__reclaimed_before_the_deadline__does_not_follow() -> None:
    assert failed(Story().running().reclaim(after_s=50_000).history()) == {"life"}


def test_life__drawn_after_the_deadline__does_not_follow() -> None:
    story = Story().open().choose()
    story.mine(seconds=100_000)
    assert failed(story.draw().history()) == {"life"}


def test_trainers__not_ascending__does_not_follow() -> None:
    assert failed(Story().open().choose(TRAINERS[::-1]).history()) == {"trainers"}
    assert failed(Story().open().choose((TRAINERS[0], *TRAINERS)).history()) == {"trainers"}


@pytest.mark.parametrize(("count", "fails"), [(0, True), (1, False), (512, False), (513, True)])
def test_trainers__none_or_too_many__does_not_follow(count: int, fails: bool) -> None:
    story = Story()
    many = [f"0x{number:040x}" for number in range(1, count + 1)]
    for trainer in many:
        story.mine().staking("NodeRegistered", provider=trainer, nodeKey=trainer, roles=1, deposit=1)
    assert failed(story.open().choose(many).history()) == ({"trainers"} if fails else set())


@pytest.mark.parametrize("event", ["NodeFrozen", "ExitRequested", "NodeBanned", "DepositWithdrawn"])
def test_trainers__unavailable_when_chosen__does_not_follow(event: str) -> None:
    story = Story().open()
    story.mine().staking(event, provider=TRAINERS[1])
    assert failed(story.choose().history()) == {"trainers"}


def test_trainers__unavailable_only_later__follows() -> None:
    story = Story().open().choose()
    story.mine().staking("ExitRequested", provider=TRAINERS[1])
    assert failed(story.history()) == set()


def test_trainers__unfrozen_again__follows() -> None:
    story = Story().open()
    story.mine().staking("NodeFrozen", provider=TRAINERS[1]).staking("NodeUnfrozen", provider=TRAINERS[1])
    assert failed(story.choose().history()) == set()


@pytest.mark.parametrize("stranger", [STRANGER, VALIDATORS[0]], ids=["unregistered", "no trainer"])
def test_trainers__one_without_the_role__does_not_follow(stranger: str) -> None:
    assert failed(Story().open().choose((stranger,)).history()) == {"trainers"}


def test_trainers__seed_block_known_when_chosen__does_not_follow() -> None:
    history = Story().open().choose().history()
    chosen = next(e for e in history.events if e.name == "TrainersChosen")
    assert failed(told(history, "TrainersChosen", seedBlock=chosen.block)) == {"trainers"}


def test_trainers__others_assigned_than_chosen__does_not_follow() -> None:
    story = Story().open().choose().draw()
    assert "trainers" in failed(told(story.history(), "JobAssigned", trainers=list(TRAINERS[:2])))


@pytest.mark.parametrize(("numbers", "falls"), [((1, 2, 5), False), ((1, 1), True), ((2, 1), True)])
def test_rounds__numbers__only_rise(numbers: tuple[int, ...], falls: bool) -> None:
    story = Story().open().choose().draw()
    for number in numbers:
        story.round(number)
    assert failed(story.history()) == ({"rounds"} if falls else set())


def test_job_id__customer_and_ref__are_both_in_it() -> None:
    assert JOB == job_id_of(CUSTOMER.lower(), "0x" + "7e" * 32) != job_id_of(CUSTOMER, "0x" + "7f" * 32)
