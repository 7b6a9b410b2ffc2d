"""Who is a culprit, and which verdicts a validator may sign."""

from dataclasses import replace

import pytest

from fl_nodes.protocol import scores, verdict
from fl_nodes.protocol.payout import Scheme, shares
from fl_nodes.protocol.verdict_tasks import EnergyBasis, VerdictTask
from tests.unit.protocol.benchmarks import benchmarked
from tests.unit.protocol.jobs import (
    FEE,
    JOB,
    T1,
    T2,
    T9,
    TRAINERS,
    V1,
    V2,
    V3,
    V9,
    VALIDATORS,
    commitment,
    replay,
    report,
    score,
    settle_task,
    sha,
)

DIGITS = {"input_shape": [64], "classes": 10, "layers": [{"kind": "dense", "units": 10}]}


def votes(*matches: bool, segment: int = 3):
    return tuple(
        report(v, replays=(replay(T1, segment, m),)) for v, m in zip(VALIDATORS, matches, strict=False)
    )


@pytest.mark.parametrize(
    ("matches", "culprits", "open_questions"),
    [
        ((), (), 0),
        ((True,), (), 0),
        ((False,), (), 1),
        ((False, True), (), 1),
        ((False, False), (T1,), 0),
        ((False, True, True), (), 0),
        ((False, True, False), (T1,), 0),
        ((False, False, False), (T1,), 0),
    ],
)
def test_culprits__votes_on_one_segment__two_against_and_a_majority(
    matches, culprits, open_questions
) -> None:
    reports = votes(*matches)
    assert verdict.culprits(reports) == culprits
    assert len(verdict.unresolved(reports)) == open_questions


def test_culprits__mismatches_on_different_segments__do_not_add_up() -> None:
    reports = (
        report(V1, replays=(replay(T1, 1, False),)),
        report(V2, replays=(replay(T1, 2, False),)),
        report(V3, 2, replays=(replay(T1, 1, False, 2),)),
    )
    assert verdict.culprits(reports) == ()


def test_culprits__bad_scores__never_make_one() -> None:
    reports = tuple(report(v, scores=(score(T1, 0), score(T2, 0, defect="nan"))) for v in VALIDATORS)
    assert verdict.culprits(reports) == ()


def test_work__three_scores__counts_the_lower_median_and_a_missed_round_as_zero() -> None:
    reports = tuple(
        report(v, scores=(score(T1, a),)) for v, a in zip(VALIDATORS, (10, 900, 500), strict=True)
    )
    done = verdict.work((T1, T2), (commitment(T1),), reports, 2)
    assert [w.accuracy_ppm for w in done] == [250, 0]
    assert done[0].examples == 100
    assert done[1].millijoules == 0


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ((300, 200, -1_000_000), 200),
        ((1_000_000, 200), 200),
        ((-1_000_000, 200), 0),
        ((-300, -200), 0),
        ((300, 301, 302, 303), 301),
    ],
)
def test_work__contributions__count_by_the_middle_and_harm_as_none(
    said: tuple[int, ...], counted: int
) -> None:
    reports = tuple(
        report(f"V{i}", scores=(replace(score(T1), contribution_ppm=c),)) for i, c in enumerate(said)
    )
    (done,) = verdict.work((T1,), (commitment(T1),), reports, 1)
    assert done.contribution_ppm == counted


def test_work__one_bad_round__is_made_up_for_by_the_others() -> None:
    """Harm is set against gain before what is left below zero becomes nothing."""
    rounds = tuple(
        report(V1, n, scores=(replace(score(T1, number=n), contribution_ppm=c),))
        for n, c in enumerate((-100, 400, 300), 1)
    )
    (done,) = verdict.work((T1,), tuple(commitment(T1, n) for n in (1, 2, 3)), rounds, 3)
    assert done.contribution_ppm == 600


def test_work__two_commit_to_the_same_update__did_one_nodes_work() -> None:
    scores_of = tuple(replace(score(t), update_sha256=sha(T1)) for t in (T1, T2))
    pair = (commitment(T1), commitment(T2, update_sha256=sha(T1)))
    both = verdict.work((T1, T2), pair, (report(V1, scores=scores_of),), 1)
    (alone,) = verdict.work((T1,), pair[:1], (report(V1, scores=scores_of[:1]),), 1)
    assert sum(w.examples for w in both) == alone.examples
    assert {w.macro_f1_ppm for w in both} == {alone.macro_f1_ppm}


def test_hashes__reports_in_another_order__are_the_same() -> None:
    reports = votes(True, False, True)
    assert verdict.evidence_hash(reports) == verdict.evidence_hash(reports[::-1])


def test_evidence_hash__anything_in_a_report_changed__is_another() -> None:
    """Scores, replays, signature: the report counts whole."""
    whole = votes(True, False, True)
    first = whole[0]
    for change in (
        {"scores": (score(T1),)},
        {"replays": (replay(T1, 3, False),)},
        {"signature": "0x"},
        {"seconds": 2.0},
    ):
        assert verdict.evidence_hash((replace(first, **change), *whole[1:])) != verdict.evidence_hash(whole)
    assert verdict.evidence_hash(whole[:2]) != verdict.evidence_hash(whole)


def test_amounts__from_the_score_words_alone__are_those_signed() -> None:
    """What anybody can compute again who sees nothing but the chain."""
    task = settle_task(scheme=Scheme.COMPOSITE.value)
    signed = verdict.typed_data(task)["message"]
    done = [scores.decode(w, t) for w, t in zip(signed["scores"], signed["payees"], strict=True)]
    due = shares(Scheme.COMPOSITE, int(task.fee_wei), task.commission_bps, done)
    assert verdict.objection(replace(task, amounts_wei=tuple(map(str, due)))) == ""


def test_work__more_than_a_score_word_holds__is_cut_to_it() -> None:
    endless = replace(commitment(T1).energy, millijoules=2**70, seconds=1e18)
    reports = (report(V1, scores=(score(T1, 2**40),)),)
    (done,) = verdict.work((T1,), (commitment(T1, energy=endless),), reports, 1)
    assert (done.millijoules, done.milliseconds, done.accuracy_ppm) == (2**64 - 1, 2**48 - 1, 2**32 - 1)
    assert scores.decode(scores.encode(done), T1) == done


def test_objection__honest_verdict__has_none() -> None:
    assert verdict.objection(settle_task()) == ""


def failing(*matches: bool) -> VerdictTask:
    return settle_task(outcome="fail", reports=votes(*matches), payees=(), amounts_wei=())


def test_objection__fail_names_those_the_replays_show__has_none() -> None:
    assert verdict.objection(replace(failing(False, False), culprits=(T1,))) == ""
    assert verdict.objection(failing(True)) == ""


@pytest.mark.parametrize(
    ("task", "why"),
    [
        (lambda: replace(failing(False, False), culprits=(T2,)), "named culprits"),
        (lambda: replace(failing(False), culprits=(T1,)), "named culprits"),
        (lambda: settle_task(outcome="celebrate"), "unknown outcome"),
        (lambda: settle_task(payees=TRAINERS[::-1]), "payees"),
        (lambda: settle_task(amounts_wei=("1", "2")), "shares due"),
        (lambda: settle_task(reports=votes(False, False)), "culprits"),
        (lambda: settle_task(commitments=(commitment(T1),)), "did not commit to"),
        (
            lambda: settle_task(commitments=(*settle_task().commitments, commitment(T1))),
            "two commitments",
        ),
        (
            lambda: settle_task(commitments=(commitment(T9), *settle_task().commitments)),
            "not belong to this job",
        ),
        (lambda: settle_task(reports=(*settle_task().reports, settle_task().reports[0])), "twice"),
        (
            lambda: settle_task(reports=(replace(settle_task().reports[0], job_id="0x" + "33" * 32),)),
            "not belong",
        ),
        (lambda: settle_task(reports=(report(V9),)), "not belong"),
        (lambda: settle_task(reports=(*votes(True), *votes(False))), "contradicts itself"),
    ],
)
def test_objection__verdict_that_does_not_follow__is_named(task, why: str) -> None:
    assert why in verdict.objection(task())


def test_typed_data__settle_and_fail__carry_what_the_contract_hashes() -> None:
    settle = verdict.typed_data(settle_task())
    assert settle["primaryType"] == "SettleVerdict"
    assert settle["message"]["jobId"] == bytes.fromhex(JOB[2:])
    assert sum(settle["message"]["amounts"]) == 10**18 * 98 // 100
    assert [len(word) for word in settle["message"]["scores"]] == [32, 32]
    kinds = {field["name"]: field["type"] for field in settle["types"]["SettleVerdict"]}
    assert list(kinds) == ["jobId", "resultHash", "evidenceHash", "payees", "amounts", "scores"]
    assert set(kinds) == set(settle["message"])
    fail = verdict.typed_data(replace(failing(False, False), culprits=(T1,)))
    assert set(fail["message"]) == {"jobId", "evidenceHash", "culprits"}
    assert fail["domain"] == {
        "name": "EcoDML", "version": "1", "chainId": 31337, "verifyingContract": settle_task().escrow,
    }  # fmt: skip


def test_verdict__energy_claim_a_tenth_of_the_benchmarks__score_words_and_shares_carry_what_counts() -> None:
    basis = EnergyBasis(DIGITS, 1, {t: benchmarked(t) for t in TRAINERS})
    task = settle_task(scheme=Scheme.COMPOSITE.value, energy_basis=basis)
    frugal = replace(task.commitments[0], energy=replace(task.commitments[0].energy, millijoules=1))
    task = replace(task, commitments=(frugal, *task.commitments[1:]))
    done = verdict.work_of(task)
    assert done[0].millijoules >= 64, "32 steps at 2 mJ"
    assert [scores.decode(w, t) for w, t in zip(verdict.score_words(task), TRAINERS, strict=True)] == list(
        done
    )
    due = shares(Scheme.COMPOSITE, FEE, 200, done)
    assert verdict.objection(replace(task, amounts_wei=tuple(map(str, due)))) == ""
    as_claimed = verdict.work(TRAINERS, task.commitments, task.reports, 1)
    wanted = shares(Scheme.COMPOSITE, FEE, 200, as_claimed)
    assert wanted[0] > due[0]
    assert "shares due" in verdict.objection(replace(task, amounts_wei=tuple(map(str, wanted))))


@pytest.mark.parametrize(
    "baselines",
    [{T9: benchmarked(T9)}, {T1: benchmarked(T2)}, {T1: replace(benchmarked(T1), parts=())}],
    ids=["stranger's", "another's", "other work"],
)
def test_objection__benchmark_that_cannot_be__is_named(baselines) -> None:
    assert "benchmark" in verdict.objection(settle_task(energy_basis=EnergyBasis(DIGITS, 1, baselines)))
