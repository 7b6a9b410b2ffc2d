"""The audit counts a verdict's signatures, divides the fee again, and holds the verdict against what it rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from backend.errors import Invalid
from backend.verification.job_evidence import Papers, terms_of
from fl_nodes.protocol import verdict
from fl_nodes.protocol.finding import Outcome
from fl_nodes.protocol.payout import Scheme, Work, shares
from fl_nodes.protocol.scores import encode
from fl_nodes.protocol.verdict_tasks import VerdictTask
from tests.unit.protocol.jobs import score
from tests.unit.verification.market_story import (
    BPS,
    FEE,
    RESULT,
    SPEC,
    STRANGER,
    TRAINERS,
    VALIDATORS,
    Story,
    failed,
    findings,
    outcomes,
    papers,
    told,
)

pytestmark = pytest.mark.unit

UNEVEN = [Work(t, 500_000 + 100_000 * i, 1, 10, 5 + i, 7, 3) for i, t in enumerate(TRAINERS)]


def settled(**changes: object) -> Story:
    return Story().running().settle(**changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("signers", [0, 1])
def test_verdict__too_few_signed__does_not_follow(signers: int) -> None:
    story = Story().running()
    assert failed(story.settle(signers=story.validators[:signers]).history()) == {"verdict"}


@pytest.mark.parametrize(("signers", "fails"), [(1, {"verdict"}), (2, set())])
def test_verdict__two_drawn__takes_both(signers: int, fails: set[str]) -> None:
    story = Story().open()
    for validator in VALIDATORS[2:]:
        story.mine().staking("ExitRequested", provider=validator, exitAt=0)
        story.weights[validator] = 0
    story.choose().draw()
    assert failed(story.settle(signers=story.validators[:signers]).history()) == fails


def test_verdict__all_three_signed__follows() -> None:
    story = Story().running()
    assert failed(story.settle(signers=story.validators).history()) == set()


def test_verdict__one_signed_twice__counts_once() -> None:
    story = Story().running()
    assert failed(story.settle(signers=story.validators[:1] * 2).history()) == {"verdict"}


def test_verdict__a_stranger_signed_too__does_not_follow() -> None:
    story = Story().running()
    signers = (*story.validators[:2], STRANGER)
    assert failed(story.settle(signers=signers).history()) == {"verdict"}


def test_verdict__malformed_signature__does_not_follow() -> None:
    history = settled().history()
    signatures = next(e for e in history.events if e.name == "JobSettled").args["signatures"]
    assert failed(told(history, "JobSettled", signatures=[*signatures, "0x12"])) == {"verdict"}


@pytest.mark.parametrize("what", ["resultHash", "evidenceHash"])
def test_verdict__event_that_was_not_signed__does_not_follow(what: str) -> None:
    assert failed(told(settled().history(), "JobSettled", **{what: "0x" + "00" * 32})) == {"verdict"}


@pytest.mark.parametrize("change", [{"chain_id": 1}, {"escrow": STRANGER}], ids=str)
def test_verdict__signed_for_another_market__does_not_follow(change: dict[str, object]) -> None:
    assert "verdict" in failed(replace(settled().history(), **change))  # type: ignore[arg-type]


def test_verdict__failed_job__is_counted_too() -> None:
    history = Story().running().fail(TRAINERS[:1]).history()
    assert failed(history) == set()
    assert "verdict" in failed(told(history, "JobFailed", evidenceHash="0x" + "00" * 32))


@pytest.mark.parametrize("amounts", [(1, -1, 0), (10**16, -(10**16), 0)])
def test_shares__amounts_that_no_scheme_gives__do_not_follow(amounts: tuple[int, ...]) -> None:
    due = Story().running().due()
    other = [wei + change for wei, change in zip(due, amounts, strict=True)]
    assert failed(settled(amounts=other).history()) == {"shares"}


def test_shares__a_wei_too_few__does_not_follow() -> None:
    due = Story().running().due()
    assert failed(settled(amounts=[due[0] - 1, *due[1:]]).history()) == {"shares"}


def test_shares__commission_that_was_not_due__does_not_follow() -> None:
    assert failed(told(settled().history(), "JobSettled", commission=FEE * BPS // 10_000 + 1)) == {"shares"}


def test_shares__commission_taken_from_the_trainers__is_told_apart_from_a_wrong_sum() -> None:
    due = Story().running().due()
    more = FEE * BPS // 10_000 + 1
    history = told(settled(amounts=[due[0] - 1, *due[1:]]).history(), "JobSettled", commission=more)
    (finding,) = (f for f in findings(history) if f.name == "shares")
    assert f"The commission was {more} wei" in finding.detail
    assert "are not the fee" not in finding.detail
    (finding,) = (
        f for f in findings(settled(amounts=[due[0] - 1, *due[1:]]).history()) if f.name == "shares"
    )
    assert (
        f"{sum(due) - 1} wei paid and {more - 1} of commission are not the fee of {FEE} wei."
        in finding.detail
    )


def test_shares__payees_in_another_order__do_not_follow() -> None:
    assert failed(settled(payees=list(TRAINERS[::-1])).history()) == {"shares"}


def test_shares__scores_missing__does_not_follow() -> None:
    assert failed(settled(scores=[]).history()) == {"shares"}


@pytest.mark.parametrize("scheme", list(Scheme))
def test_shares__either_scheme__follows_and_must_be_the_specified_one(scheme: Scheme) -> None:
    amounts = list(shares(scheme, FEE, BPS, UNEVEN))
    scores = ["0x" + encode(work).hex() for work in UNEVEN]
    history = settled(amounts=amounts, scores=scores).history()
    assert failed(history) == set()
    for specified in Scheme:
        terms = terms_of({**SPEC, "scheme": specified.value})
        found = failed(history, Papers(terms=terms)) - {"spec"}
        assert found == (set() if specified is scheme else {"shares"})


def test_shares__by_root_and_the_chain_alone__are_not_checkable() -> None:
    history = Story().running().settle_by_root().claim(0).claim(2).history()
    found = outcomes(history)
    assert Outcome.FAILED not in found.values()
    assert found["shares"] is Outcome.NOT_CHECKABLE
    assert found["verdict"] is Outcome.OK


def test_shares__every_leaf_claimed__is_not_too_much() -> None:
    assert failed(Story().running().settle_by_root().claim(0).claim(1).claim(2).history()) == set()


def test_shares__leaf_claimed_twice_or_too_much_claimed__does_not_follow() -> None:
    assert failed(Story().running().settle_by_root().claim(0).claim(0).history()) == {"shares"}
    assert failed(Story().running().settle_by_root().claim(0, FEE).history()) == {"shares"}
    history = Story().running().settle_by_root().history()
    assert failed(told(history, "JobSettledByRoot", commission=0)) == {"shares"}


def test_evidence__by_root__leads_to_the_root_and_the_claims() -> None:
    story = Story().running().settle_by_root().claim(1)
    assert failed(story.history(), papers(story)) == set()
    for wrong in ({"payoutRoot": "0x" + "00" * 32}, {"payees": 4}):
        story = Story().running().settle_by_root(**wrong)
        assert failed(story.history(), papers(story)) == {"evidence"}
    story = Story().running().settle_by_root().claim(1, 5)
    assert failed(story.history(), papers(story)) == {"evidence"}


def test_spec__not_the_one_paid_for__does_not_follow() -> None:
    history = settled().history()
    assert failed(history, Papers(terms=terms_of(SPEC))) == set()
    assert failed(history, Papers(terms=terms_of({**SPEC, "rounds": 2}))) == {"spec"}


@pytest.mark.parametrize("document", [[], {}, {**SPEC, "scheme": "luck"}, {**SPEC, "rounds": "1"}, None, "x"])
def test_terms_of__no_specification__is_refused(document: object) -> None:
    with pytest.raises(Invalid) as refused:
        terms_of(document)
    assert refused.value.code == "audit.spec"


def test_result__other_model__does_not_follow() -> None:
    history = settled().history()
    assert outcomes(history, Papers(model_sha256=RESULT))["result"] is Outcome.OK
    assert failed(history, Papers(model_sha256="00" * 32)) == {"result"}


def test_result__failed_job__has_none() -> None:
    history = Story().running().fail().history()
    assert outcomes(history, Papers(model_sha256=RESULT))["result"] is Outcome.NOT_CHECKABLE


def altered(task: VerdictTask, **changes: object) -> VerdictTask:
    """The verdict with a first report that says other things than its validator signed."""
    return replace(task, reports=(replace(task.reports[0], **changes), *task.reports[1:]))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        lambda task: altered(task, seconds=2.0),
        lambda task: altered(task, signature="0x" + "11" * 65),
        lambda task: altered(task, validator=STRANGER),
        lambda task: altered(task, scores=tuple(score(t, 1) for t in TRAINERS)),
        lambda task: replace(task, reports=task.reports[:2]),
        lambda task: replace(task, reports=()),
        lambda task: replace(task, commitments=task.commitments[:2]),
        lambda task: replace(task, commitments=tuple(replace(c, examples=9) for c in task.commitments)),
        lambda task: replace(task, commitments=tuple(replace(c, examples=-9) for c in task.commitments)),
        lambda task: replace(task, result_sha256="00" * 32),
        lambda task: replace(task, job_id="0x" + "00" * 32),
    ],
)
def test_evidence__other_reports_than_signed__do_not_follow(
    change: Callable[[VerdictTask], VerdictTask],
) -> None:
    story = settled()
    found = failed(story.history(), papers(story, verdict=change(story.task())))
    assert found == {"evidence"}


@pytest.mark.parametrize(
    "change", [{"signature": "0x" + "11" * 65}, {"validator": STRANGER, "signature": ""}], ids=str
)
def test_evidence__report_its_validator_never_signed__does_not_count(change: dict[str, str]) -> None:
    """The quorum signed the hash of reports that not all come from the validators."""
    story = Story().running()
    task = altered(story.task(), **change)
    story.settle(evidenceHash="0x" + verdict.evidence_hash(task.reports))
    (finding,) = (f for f in findings(story.history(), papers(story, verdict=task)) if f.name == "evidence")
    named = change.get("validator", task.reports[0].validator)
    assert finding.detail.startswith(f"The report of {named} on round 1 is not signed by its key.")


def test_evidence__commitment_its_trainer_never_signed__does_not_count() -> None:
    story = settled()
    task = story.task()
    first = replace(task.commitments[0], signature=task.commitments[1].signature)
    task = replace(task, commitments=(first, *task.commitments[1:]))
    (finding,) = (f for f in findings(story.history(), papers(story, verdict=task)) if f.name == "evidence")
    assert finding.detail == f"The commitment of {TRAINERS[0]} in round 1 is not signed by its key."


def test_evidence__amounts_that_the_reports_do_not_lead_to__do_not_follow() -> None:
    due = Story().running().due()
    story = settled(amounts=[due[0] + 10**16, due[1] - 10**16, due[2]])
    assert failed(story.history(), papers(story)) == {"shares", "evidence"}


def test_evidence__verdict_that_lies_about_the_terms__is_held_against_the_chain() -> None:
    story = settled()
    lies = {
        "fee_wei": "1",
        "commission_bps": 0,
        "trainers": (),
        "scheme": "composite",
        "rounds": 7,
        "chain_id": 9,
    }
    assert failed(story.history(), papers(story, verdict=replace(story.task(), **lies))) == set()


def test_evidence__terms_not_at_hand__are_taken_from_the_verdict() -> None:
    story = settled()
    found = failed(story.history(), papers(story, terms=None, verdict=replace(story.task(), scheme="luck")))
    assert found == {"evidence"}
    assert failed(story.history(), papers(story, terms=None)) == set()


def test_evidence__scores_on_chain_that_were_not_reported__do_not_follow() -> None:
    scores = ["0x" + encode(work).hex() for work in UNEVEN]
    story = settled(scores=scores, amounts=list(shares(Scheme.ACCURACY, FEE, BPS, UNEVEN)))
    assert failed(story.history()) == set()
    assert failed(story.history(), papers(story)) == {"evidence"}


def test_evidence__score_word_that_changes_no_amount__is_still_held_against_the_reports() -> None:
    words = list(verdict.score_words(Story().running().task()))
    slower = (int.from_bytes(words[0], "big") + (1 << 64)).to_bytes(32, "big")
    story = settled(scores=["0x" + word.hex() for word in (slower, *words[1:])])
    assert failed(story.history()) == set()
    assert failed(story.history(), papers(story)) == {"evidence"}


def test_evidence__leaf_beyond_the_payees__does_not_follow() -> None:
    story = Story().running().settle_by_root()
    story.mine().own("PayoutClaimed", payee=TRAINERS[0], index=len(TRAINERS), amount=1)
    assert failed(story.history(), papers(story)) == {"evidence"}


def test_evidence__failed_job__follows_from_the_replays() -> None:
    story = Story().running().fail(TRAINERS[:1])
    assert failed(story.history(), papers(story, TRAINERS[:1])) == set()
    assert failed(story.history(), papers(story, TRAINERS[1:2])) == {"evidence"}


def test_evidence__job_reclaimed__takes_none() -> None:
    assert outcomes(Story().open().reclaim().history())["evidence"] is Outcome.OK
