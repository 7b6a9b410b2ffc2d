"""What follows from the validators' signed reports: culprits, work, payouts, hashes. Computed alike by backend and validators.

Shares follow from the score words that the verdict puts on chain and from nothing finer, so that anyone can derive the
amounts again from the chain alone.

A score never makes a culprit. A trainer is a culprit only when at least two validators re-ran the same committed segment
and both found that it does not follow from its start, and they outnumber those who found that it does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import median_high, median_low
from typing import Any

from fl_nodes.protocol import benchmark, plausibility
from fl_nodes.protocol.hashing import digest
from fl_nodes.protocol.payout import Scheme, Work, shares
from fl_nodes.protocol.scores import decode, encode
from fl_nodes.protocol.signing import bytes32, fail_typed_data, settle_typed_data
from fl_nodes.protocol.tasks import Commitment, Replay, Score, ValidationReport
from fl_nodes.protocol.verdict_tasks import EnergyBasis, VerdictTask

SETTLE = "settle"
FAIL = "fail"
WITNESSES = 2
LEAST_TOLERANCE = 1e-4
"""Honest machines differ by up to 1e-6: whoever asks for less than this asks for false accusations."""


def quorum(validators: int) -> int:
    """How many of so many validators must sign: more than half."""
    return validators // 2 + 1


def witnesses(reports: Sequence[ValidationReport]) -> dict[tuple[int, str, int], dict[str, bool]]:
    """(round, trainer, segment) -> validator -> whether its replay matched."""
    seen: dict[tuple[int, str, int], dict[str, bool]] = {}
    for report in reports:
        for replay in report.replays:
            seen.setdefault((report.round, replay.trainer, replay.segment), {})[report.validator] = (
                replay.matches
            )
    return seen


def proven(reports: Sequence[ValidationReport]) -> tuple[tuple[int, str, int], ...]:
    """(round, trainer, segment) of work against which the evidence is complete."""
    found = []
    for key, votes in witnesses(reports).items():
        against = sum(1 for matches in votes.values() if not matches)
        if against >= WITNESSES and against > len(votes) - against:
            found.append(key)
    return tuple(sorted(found))


def clearest(reports: Sequence[ValidationReport], trainer: str) -> tuple[int, int]:
    """(round, segment) of a culprit's proven work that even its mildest accuser finds farthest off; the first of equals."""
    proofs = [(number, segment) for number, who, segment in proven(reports) if who == trainer]
    distances: dict[tuple[int, int], list[int]] = {proof: [] for proof in proofs}
    for report in reports:
        for replay in report.replays:
            place = (report.round, replay.segment)
            if replay.trainer == trainer and not replay.matches and place in distances:
                distances[place].append(replay.distance_ppm)
    return max(proofs, key=lambda proof: (min(distances[proof]), -proof[0], -proof[1]))


def culprits(reports: Sequence[ValidationReport]) -> tuple[str, ...]:
    """Trainers against whom the evidence is complete, sorted by address."""
    return tuple(sorted({trainer for _, trainer, _ in proven(reports)}, key=str.lower))


def unresolved(reports: Sequence[ValidationReport]) -> tuple[tuple[int, str, int], ...]:
    """Segments with a mismatch that still lack a majority of at least two either way: ask one more validator."""
    open_questions = []
    for key, votes in witnesses(reports).items():
        against = sum(1 for matches in votes.values() if not matches)
        most = max(against, len(votes) - against)
        if against and (most < WITNESSES or 2 * against == len(votes)):
            open_questions.append(key)
    return tuple(sorted(open_questions))


def doubted(reports: Sequence[ValidationReport]) -> frozenset[str]:
    """Trainers whose work is not cleared: a replay did not match, and not at least two others outvoted it."""
    found = set()
    for (_, trainer, _), votes in witnesses(reports).items():
        against = sum(1 for matches in votes.values() if not matches)
        cleared = len(votes) - against >= WITNESSES and len(votes) > 2 * against
        if against and not cleared:
            found.add(trainer)
    return frozenset(found)


def work(
    trainers: Sequence[str],
    commitments: Sequence[Commitment],
    reports: Sequence[ValidationReport],
    rounds: int,
    basis: EnergyBasis | None = None,
) -> tuple[Work, ...]:
    """Each trainer's work over `rounds`, from the middle of what validators scored in each; a missed round counts nothing.

    Energy counts as far as it is plausible by `basis`. As its score word carries it: what does not fit there was not done.
    Nodes that committed to the same update in a round did one node's work together: its examples count for them in equal parts.

    Where only some are asked each round, all are asked equally often but for one round (`protocol.participation`), so a
    round in which one was not asked costs it what every other round costs somebody else: in expectation, nothing.
    """
    scores: dict[tuple[int, str], list[Score]] = {}
    for report in reports:
        for score in report.scores:
            scores.setdefault((report.round, score.trainer), []).append(score)
    copies = Counter((c.round, c.update_sha256) for c in commitments)
    scored = _scored(trainers, commitments, reports)
    energy = plausibility.claims(scored, basis)
    return tuple(
        _work_of(trainer, scored[trainer], scores, copies, max(rounds, 1), energy[trainer].counted)
        for trainer in trainers
    )


def _scored(
    trainers: Sequence[str], commitments: Sequence[Commitment], reports: Sequence[ValidationReport]
) -> dict[str, list[Commitment]]:
    """Each trainer's rounds that somebody scored."""
    scored = {(report.round, score.trainer) for report in reports for score in report.scores}
    return {t: [c for c in commitments if c.trainer == t and (c.round, t) in scored] for t in trainers}


def _work_of(
    trainer: str,
    commitments: Sequence[Commitment],
    scores: Mapping[tuple[int, str], Sequence[Score]],
    copies: Mapping[tuple[int, str], int],
    rounds: int,
    millijoules: int,
) -> Work:
    accuracy = contribution = examples = macro_f1 = gpu_use = milliseconds = 0
    for c in commitments:
        said = [
            replace(s, accuracy_ppm=0, macro_f1_ppm=0) if s.defect else s for s in scores[c.round, trainer]
        ]
        counted = c.examples // copies[c.round, c.update_sha256]
        accuracy += median_low([s.accuracy_ppm for s in said])
        contribution += _least_middle([s.contribution_ppm for s in said])
        examples += counted
        macro_f1 += median_low([s.macro_f1_ppm for s in said]) * counted
        gpu_use += c.gpu_use_ppm * counted
        milliseconds += round(c.energy.seconds * 1000)
    done = Work(
        trainer=trainer,
        accuracy_ppm=accuracy // rounds,
        macro_f1_ppm=macro_f1 // max(examples, 1),
        examples=examples,
        milliseconds=milliseconds,
        millijoules=millijoules,
        gpu_use_ppm=gpu_use // max(examples, 1),
        contribution_ppm=contribution,
    )
    return decode(encode(done), trainer)


def _least_middle(values: Sequence[int]) -> int:
    """The median; of two in the middle the one nearer to zero, and zero between a gain and a loss.

    One voice of two can so take a contribution away, but neither make one nor turn it into harm.
    """
    low, high = median_low(values), median_high(values)
    return 0 if low < 0 < high else min(low, high, key=abs)


def work_of(task: VerdictTask) -> tuple[Work, ...]:
    """The work that a verdict is about."""
    return work(task.trainers, task.commitments, task.reports, task.rounds, task.energy_basis)


def claims_of(task: VerdictTask) -> dict[str, plausibility.Claim]:
    """What each trainer's energy claim is worth."""
    return plausibility.claims(_scored(task.trainers, task.commitments, task.reports), task.energy_basis)


def score_words(task: VerdictTask) -> tuple[bytes, ...]:
    """What the verdict puts on chain of each trainer's work, in the order of the trainers."""
    return tuple(encode(w) for w in work_of(task))


def evidence_hash(reports: Sequence[ValidationReport]) -> str:
    """Hash of the signed reports, whole, whatever order they came in."""
    return digest(sorted(digest(report) for report in reports))


def typed_data(task: VerdictTask) -> dict[str, Any]:
    """The EIP-712 document that this verdict's signatures cover."""
    head = {"jobId": bytes32(task.job_id), "evidenceHash": bytes32(evidence_hash(task.reports))}
    if task.outcome == SETTLE:
        message = head | {
            "resultHash": bytes32(task.result_sha256),
            "payees": list(task.payees),
            "amounts": [int(a) for a in task.amounts_wei],
            "scores": list(score_words(task)),
        }
        return settle_typed_data(task.chain_id, task.escrow, message)
    return fail_typed_data(task.chain_id, task.escrow, head | {"culprits": list(task.culprits)})


def objection(task: VerdictTask) -> str:
    """Why this verdict does not follow from its reports; empty when it does. (Signatures are checked by the caller.)"""
    crooked = inconsistency(task) or baseless(task)
    if crooked:
        return crooked
    found = culprits(task.reports)
    if task.outcome == FAIL:
        if set(task.culprits) != set(found):
            return f"the named culprits {list(task.culprits)} are not those the replays show: {list(found)}"
        return ""
    if task.outcome != SETTLE:
        return f"unknown outcome {task.outcome!r}"
    if found:
        return f"the replays show culprits {list(found)}, so the job cannot settle"
    if tuple(task.payees) != tuple(task.trainers):
        return "the payees are not the job's trainers"
    done = work_of(task)
    due = shares(Scheme(task.scheme), int(task.fee_wei), task.commission_bps, done, task.weights)
    if tuple(int(a) for a in task.amounts_wei) != due:
        return f"the amounts {list(task.amounts_wei)} are not the shares due: {list(due)}"
    return ""


def baseless(task: VerdictTask) -> str:
    """What in the basis of the energy claims cannot be; empty when all can. (Signatures are checked by the caller.)"""
    if task.energy_basis is None:
        return ""
    for provider, said in task.energy_basis.baselines.items():
        if provider not in task.trainers or said.provider != provider:
            return f"the benchmark given as that of {provider} is another's"
        if why := benchmark.defect(said):
            return f"the benchmark of {provider} {why}"
    return ""


def inconsistency(task: VerdictTask) -> str:
    """What in the reports and commitments does not belong together; empty when all does.

    Each piece may be well signed and still be counted twice, left without its other half, or come from another job.
    """
    committed: dict[tuple[int, str], str] = {}
    for c in task.commitments:
        if c.job_id != task.job_id or c.trainer not in task.trainers:
            return f"a commitment of {c.trainer} in round {c.round} does not belong to this job"
        if (c.round, c.trainer) in committed:
            return f"there are two commitments of {c.trainer} in round {c.round}"
        committed[c.round, c.trainer] = c.update_sha256
    scored: set[tuple[int, str, str]] = set()
    replayed: dict[tuple[int, str, str, int], bool] = {}
    for report in task.reports:
        if report.job_id != task.job_id or report.validator not in task.validator_keys:
            return f"a report of {report.validator} on round {report.round} does not belong to this job"
        about: tuple[Score | Replay, ...] = (*report.scores, *report.replays)
        for item in about:
            if committed.get((report.round, item.trainer)) != item.update_sha256:
                return f"a report on round {report.round} is about work that {item.trainer} did not commit to"
        for score in report.scores:
            key = (report.round, report.validator, score.trainer)
            if key in scored:
                return f"{report.validator} scored {score.trainer} twice in round {report.round}"
            scored.add(key)
        for replay in report.replays:
            place = (report.round, report.validator, replay.trainer, replay.segment)
            if replayed.setdefault(place, replay.matches) != replay.matches:
                return f"{report.validator} contradicts itself about {replay.trainer} in round {report.round}"
    return ""
