"""A ticket and its Eco Credits: a baseline before the run, credits after the epoch, each once."""

from dataclasses import replace

from backend.domain import ticket as t
from backend.domain.credit_effects import FixBaseline, FixedBaseline, IssueCredits, IssuedCredit, baseline_of
from backend.domain.decision import Counterfactual, Decision
from backend.domain.effects import Assign
from backend.domain.ticket import Status, step
from tests.support.jobs import quoted_ticket

ONE = Counterfactual("standard", 4, 50_000, 300_000, 4_166, 40_000_000)
DECISION = Decision("weighted", 1, 1, 1, (), ONE, 3, 2, 60, ("Cheapest.",))
QUEUED = replace(quoted_ticket("t_1", "0x" + "c1" * 20, 99), status=Status.QUEUED)
BASELINE = baseline_of(QUEUED.job_id, DECISION)
FIXED = t.BaselineFixed(FixedBaseline(BASELINE, 7, "0xab"))
CREDIT = IssuedCredit("0xA", 1, "ES", "2026-11", "0x45", 900, "0x01", "0xcd")


def test_baseline__of_a_decision__is_its_counterfactual_for_all_rounds_of_nodes():
    assert (BASELINE.millijoules, BASELINE.micrograms) == (50_000, 4_166)
    assert (BASELINE.hour_millijoules, BASELINE.node_rounds) == (40_000_000, 6)
    assert BASELINE.decision == "0x" + DECISION.hash()


def test_baseline__nothing_is_known__is_none():
    assert baseline_of("0xJ", None) is None
    assert baseline_of("0xJ", replace(DECISION, baseline=Counterfactual())) is None


def test_selected__with_a_decision__fixes_the_baseline_then_assigns():
    _, effects = step(QUEUED, t.Selected(("0xA", "0xB"), 0, DECISION), 1.0)

    assert effects == (
        FixBaseline("t_1", QUEUED.job_id, BASELINE),
        Assign("t_1", QUEUED.job_id, ("0xA", "0xB"), 0),
    )


def test_selected__again__keeps_the_first_baseline():
    chosen, _ = step(QUEUED, t.Selected(("0xA", "0xB"), 0, DECISION), 1.0)
    _, effects = step(chosen, t.Selected(("0xA", "0xC"), 1, DECISION), 2.0)

    assert [type(effect) for effect in effects] == [Assign]


def test_sealed__with_a_baseline__issues_credits_once():
    fixed, _ = step(QUEUED, FIXED, 1.0)
    sealed, effects = step(fixed, t.Sealed(3, "0xhash", "0xtx"), 2.0)

    assert effects == (IssueCredits("t_1", QUEUED.job_id, 3),)
    assert step(sealed, t.Sealed(3, "0xhash", "0xtx"), 3.0) == (sealed, ())
    assert step(sealed, FIXED, 3.0) == (sealed, ())


def test_sealed__before_the_baseline_is_heard_of__issues_when_it_is():
    sealed, none = step(QUEUED, t.Sealed(3, "0xhash", "0xtx"), 1.0)
    _, effects = step(sealed, FIXED, 2.0)

    assert (none, effects) == ((), (IssueCredits("t_1", QUEUED.job_id, 3),))


def test_credit_issued__twice__stands_once():
    once, _ = step(QUEUED, t.CreditIssued(CREDIT), 1.0)
    twice, _ = step(once, t.CreditIssued(CREDIT), 2.0)

    assert once.credits == twice.credits == (CREDIT,)


def test_started__is_when_it_became_running():
    assert QUEUED.started is None
    running = replace(QUEUED, timeline=(t.Moment(Status.QUEUED, 4.9), t.Moment(Status.RUNNING, 6.9)))
    assert running.started == 6
