"""Audits a verdict against what lies behind it: the model itself, and the signed reports that validators published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from eth_utils.crypto import keccak

from backend.domain import job as words
from backend.domain.spec import JobSpec
from backend.errors import Invalid
from backend.ports import ChainEvent, Signatures
from backend.verification.job_history import JobHistory
from backend.verification.job_rounds import JobRounds
from backend.verification.job_verdict import NOT_ENDED, VERDICTS
from backend.verification.stakes import rebuild
from fl_nodes.protocol import verdict
from fl_nodes.protocol.finding import Finding, judged, unchecked
from fl_nodes.protocol.hashing import digest
from fl_nodes.protocol.payout import WEIGHTS, Scheme, Weights, shares
from fl_nodes.protocol.payout_tree import payout_tree
from fl_nodes.protocol.signing import benchmarked_text, commitment_text, report_text
from fl_nodes.protocol.verdict_tasks import VerdictTask
from fl_nodes.protocol.wire import from_wire


@dataclass(frozen=True)
class Terms:
    """What a job's specification says about its pay, and the specification's SHA-256 (hex); `spec` where it is whole."""

    sha256: str
    scheme: Scheme
    rounds: int
    weights: Weights = WEIGHTS
    spec: JobSpec | None = None


@dataclass(frozen=True)
class Papers:
    """What was handed over beside the chain: the specification's terms, the model's SHA-256 (hex), the published verdict and
    rounds."""

    terms: Terms | None = None
    model_sha256: str | None = None
    verdict: VerdictTask | None = None
    rounds: JobRounds | None = None


def terms_of(specification: Any) -> Terms:
    """The terms of a specification's JSON; Invalid `audit.spec`."""
    try:
        rounds = specification["rounds"]
        if type(rounds) is not int:
            raise TypeError("rounds must be a whole number")
        weights = from_wire(Weights, specification.get("weights", {}))
        spec = from_wire(JobSpec, specification)
        return Terms(digest(specification), Scheme(specification["scheme"]), rounds, weights, spec)
    except Invalid as error:
        raise Invalid("audit.spec", f"This is no job specification: {error.message}") from error
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise Invalid("audit.spec", f"This is no job specification: {error}.") from error


def specification(history: JobHistory, terms: Terms | None) -> Finding:
    """The specification is the one that the customer paid for."""
    opened = history.first("JobOpened")
    if opened is None or terms is None:
        return unchecked("spec", "No specification was handed over.", "Name one with --spec.")
    due, found = opened.args["specHash"], "0x" + terms.sha256
    return judged(
        "spec",
        [] if found == due else [f"The specification's hash is {found}; the customer paid for {due}."],
        f"The specification is the one paid for: {due}.",
        "This is another job's specification, or it was changed after the payment: what follows from it does not count.",
    )


def result(history: JobHistory, model_sha256: str | None) -> Finding:
    """The model is the one that the validators signed for."""
    end = history.end
    if end is None:
        return unchecked("result", NOT_ENDED)
    if history.status != words.SETTLED:
        return unchecked("result", f"The job {history.fate}: there is no result.")
    due = end.args["resultHash"]
    if model_sha256 is None:
        return unchecked(
            "result", f"The result's SHA-256 on chain is {due}.", "Name the model's file with --model."
        )
    found = "0x" + model_sha256
    return judged(
        "result",
        [] if found == due else [f"The file's SHA-256 is {found}; the validators signed {due}."],
        f"The file is the result that the validators signed: {due}.",
        "This is not the model that was paid for: do not use it, and fetch it again.",
    )


def evidence(history: JobHistory, papers: Papers, checked_by: Signatures) -> Finding:
    """The verdict follows from the reports, which the drawn validators signed, and from the commitments."""
    end, task = history.end, papers.verdict
    if end is None:
        return unchecked("evidence", NOT_ENDED)
    if end.name not in VERDICTS:
        return judged("evidence", [], f"The job {history.fate}, which takes no evidence.", "")
    due = end.args["evidenceHash"]
    if task is None:
        return unchecked(
            "evidence", f"The reports' hash on chain is {due}.", "Name the published verdict with --verdict."
        )
    if task.job_id.lower() != history.job_id:
        return judged(
            "evidence", [f"The verdict handed over is job {task.job_id}'s."], "", "Name another one."
        )
    problems = []
    found = "0x" + verdict.evidence_hash(task.reports)
    if found != due:
        problems.append(f"The reports' hash is {found}; the validators signed {due}.")
    task = _as_on_chain(history, task, papers.terms)
    problems += _unsigned(history, task, checked_by)
    try:
        problems += _contradicted(history, task, end)
    except ValueError as error:
        problems.append(f"Nothing follows from these reports: {error}.")
    return judged(
        "evidence",
        problems,
        f"{len(task.reports)} reports and {len(task.commitments)} commitments, all signed, lead to this verdict; the reports' "
        f"hash is {due}.",
        "The verdict does not follow from these reports: they are not those that were signed, or the validators erred.",
    )


def _as_on_chain(history: JobHistory, task: VerdictTask, terms: Terms | None) -> VerdictTask:
    """The task with everything the chain knows taken from there, and the customer's terms from the specification."""
    opened, assigned = history.first("JobOpened"), history.first("JobAssigned")
    if opened is not None:
        fee, bps = opened.args["fee"], opened.args["commissionBps"]
        task = replace(task, fee_wei=str(fee), commission_bps=bps)
    if assigned is not None:
        said = assigned.args
        stakes = rebuild(history.before(assigned))
        task = replace(
            task,
            trainers=tuple(said["trainers"]),
            validator_keys=dict(zip(said["validators"], said["validatorKeys"], strict=True)),
            trainer_keys={t: stakes[t].key for t in said["trainers"] if t in stakes},
        )
    if terms is not None:
        task = replace(task, scheme=terms.scheme.value, rounds=terms.rounds, weights=terms.weights)
    return replace(task, job_id=history.job_id, chain_id=history.chain_id, escrow=history.escrow)


def _unsigned(history: JobHistory, task: VerdictTask, checked_by: Signatures) -> list[str]:
    problems = []
    for report in task.reports:
        text = report_text(history.chain_id, history.escrow, report)
        signer, due = checked_by.signer(text, report.signature), task.validator_keys.get(report.validator)
        if due is None or signer != due:
            problems.append(
                f"The report of {report.validator} on round {report.round} is not signed by its key."
            )
    for c in task.commitments:
        text = commitment_text(history.chain_id, history.escrow, c)
        signer, due = checked_by.signer(text, c.signature), task.trainer_keys.get(c.trainer)
        if due is None or signer != due:
            problems.append(f"The commitment of {c.trainer} in round {c.round} is not signed by its key.")
    for provider, said in (task.energy_basis.baselines if task.energy_basis else {}).items():
        text = benchmarked_text(history.chain_id, history.escrow, said)
        signer, due = checked_by.signer(text, said.signature), task.trainer_keys.get(provider)
        if due is None or signer != due:
            problems.append(f"The benchmark of {provider} is not signed by its key.")
    return problems


def _contradicted(history: JobHistory, task: VerdictTask, end: ChainEvent) -> list[str]:
    """Where the verdict on chain is another one than the reports lead to."""
    said = end.args
    if end.name == "JobFailed":
        objection = verdict.objection(replace(task, outcome=verdict.FAIL, culprits=tuple(said["culprits"])))
        return [_sentence(objection)] if objection else []
    due = shares(
        Scheme(task.scheme),
        int(task.fee_wei),
        task.commission_bps,
        verdict.work_of(task),
        task.weights,
    )
    paid = said["amounts"] if end.name == "JobSettled" else due
    payees = said["payees"] if end.name == "JobSettled" else task.trainers
    problems = []
    objection = verdict.objection(
        replace(task, outcome=verdict.SETTLE, payees=tuple(payees), amounts_wei=tuple(map(str, paid)))
    )
    if objection:
        problems.append(_sentence(objection))
    if "0x" + task.result_sha256 != said["resultHash"]:
        problems.append(f"The reports' result is 0x{task.result_sha256}, the chain's {said['resultHash']}.")
    if end.name == "JobSettled":
        found = ["0x" + word.hex() for word in verdict.score_words(task)]
        if found != said["scores"]:
            problems.append(f"The score words are {found} by the reports and {said['scores']} on chain.")
        return problems
    return problems + _other_leaves(history, task.trainers, due, end)


def _other_leaves(
    history: JobHistory, payees: tuple[str, ...], amounts: tuple[int, ...], end: ChainEvent
) -> list[str]:
    tree = payout_tree(list(zip(payees, amounts, strict=True)), keccak)
    said, problems = end.args, []
    if said["payees"] != len(payees):
        problems.append(f"The tree is signed for {said['payees']} payees; the job has {len(payees)}.")
    root = "0x" + tree.root.hash.hex()
    if root != said["payoutRoot"]:
        problems.append(f"The reports lead to payout root {root}, not {said['payoutRoot']}.")
    for claim in history.named("PayoutClaimed"):
        index, leaf = claim.args["index"], (claim.args["payee"], claim.args["amount"])
        if index >= len(payees) or leaf != (payees[index], amounts[index]):
            problems.append(f"{leaf[0]} claimed {leaf[1]} wei as leaf {index}, which is another one.")
    return problems


def _sentence(objection: str) -> str:
    return f"{objection[:1].upper()}{objection[1:]}."
