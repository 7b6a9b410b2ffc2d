"""When a validator signs a verdict, and when it says why not."""

from dataclasses import replace
from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from fl_nodes.connection import Introduction, Market
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol import verdict
from fl_nodes.protocol.signing import commitment_text, report_text
from fl_nodes.protocol.tasks import ObjectRef, Role, TaskKind
from fl_nodes.protocol.verdict_tasks import VerdictSignature, VerdictTask
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.signatures import sign_text
from fl_nodes.work.own_reports import OwnReports
from fl_nodes.work.sign import VerdictWork
from tests.unit.protocol.jobs import T1, TRAINERS, V1, V2, VALIDATORS, replay, report, settle_task

KEYS = {name: Account.create() for name in (*TRAINERS, *VALIDATORS)}
MARKET = Market(31337, settle_task().escrow)


def signed(task: VerdictTask) -> VerdictTask:
    """The task with everyone's own signatures."""
    terms = task.chain_id, task.escrow
    return replace(
        task,
        validator_keys={v: KEYS[v].address for v in VALIDATORS},
        trainer_keys={t: KEYS[t].address for t in TRAINERS},
        reports=tuple(
            replace(r, signature=sign_text(KEYS[r.validator], report_text(*terms, r))) for r in task.reports
        ),
        commitments=tuple(
            replace(c, signature=sign_text(KEYS[c.trainer], commitment_text(*terms, c)))
            for c in task.commitments
        ),
    )


@pytest.fixture
def work(tmp_path: Path) -> VerdictWork:
    who = Introduction(KEYS[V1], Role.VALIDATOR, "one", V1)
    return VerdictWork(who, lambda: MARKET, ObjectStore(tmp_path / "cache"), OwnReports(tmp_path / "reports"))


def ask(work: VerdictWork, task: VerdictTask) -> VerdictSignature:
    return work.sign(Call("id", TaskKind.SIGN_VERDICT, to_wire(task)))


def test_sign__verdict_that_follows__is_signed_with_the_nodes_key(work: VerdictWork) -> None:
    task = signed(settle_task())
    for mine in task.reports[:1]:
        work.reports.add(mine)
    answer = ask(work, task)
    assert answer.refusal == ""
    assert answer.validator == V1
    document = encode_typed_data(full_message=verdict.typed_data(task))
    assert Account.recover_message(document, signature=answer.signature) == KEYS[V1].address


def failing(*votes: tuple[str, bool]) -> VerdictTask:
    reports = tuple(report(v, replays=(replay(T1, 3, m),)) for v, m in votes)
    return settle_task(
        outcome="fail", reports=reports, payees=(), amounts_wei=(), culprits=verdict.culprits(reports)
    )


def test_sign__culprit_shown_by_two__is_signed(work: VerdictWork) -> None:
    answer = ask(work, signed(failing((V1, False), (V2, False))))
    assert answer.refusal == ""
    assert len(answer.signature) == 132


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda t: replace(t, chain_id=1), "chain 1"),
        (lambda t: replace(t, escrow="0x" + "99" * 20), "not for the market"),
        (lambda t: replace(t, amounts_wei=("1", "2")), "shares due"),
        (
            lambda t: replace(t, reports=(replace(t.reports[0], seconds=9.0), *t.reports[1:])),
            "not signed by its validator",
        ),
        (
            lambda t: replace(t, commitments=(replace(t.commitments[0], loss=9.0), *t.commitments[1:])),
            "not signed by its trainer",
        ),
        (lambda t: replace(t, trainer_keys={}), "not signed by its trainer"),
        (
            lambda t: replace(t, reports=(replace(t.reports[0], signature="0xzz"), *t.reports[1:])),
            "not signed",
        ),
        (lambda t: replace(t, result=ObjectRef("http://x/y", "ee" * 32, 1)), "not the one the verdict names"),
        (lambda t: replace(t, result=ObjectRef("file:///x", t.result_sha256, 1)), "could not be checked"),
    ],
)
def test_sign__verdict_that_does_not_follow__is_refused(work: VerdictWork, change, why: str) -> None:
    answer = ask(work, change(signed(settle_task())))
    assert answer.signature == ""
    assert why in answer.refusal


def test_sign__own_evidence_left_out__is_refused(work: VerdictWork) -> None:
    """Two found a culprit; a settlement over the reports without them is not signed by those who remember."""
    task = signed(settle_task())
    accusing = signed(failing((V1, False), (V2, False))).reports
    partly = replace(task, reports=(*task.reports, accusing[1]))
    assert ask(work, partly).refusal == ""
    work.reports.add(accusing[0])
    assert "left out" in ask(work, partly).refusal


def test_sign__own_report_that_changes_nothing_left_out__is_signed(work: VerdictWork) -> None:
    task = signed(settle_task())
    work.reports.add(task.reports[0])
    done = verdict.work(TRAINERS, task.commitments, task.reports[1:], 1)
    assert done[0].accuracy_ppm > 0
    assert ask(work, replace(task, reports=task.reports[1:])).refusal == ""


def test_own_reports__kept__come_back_and_are_released(tmp_path: Path) -> None:
    kept = OwnReports(tmp_path)
    mine = report(V1, replays=(replay(T1, 3, False),))
    kept.add(mine)
    kept.add(mine)
    assert OwnReports(tmp_path).of(mine.job_id) == [mine]
    kept.release(mine.job_id)
    assert kept.of(mine.job_id) == []
