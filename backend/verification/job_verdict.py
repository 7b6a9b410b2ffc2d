"""Audits what ended a job: the signatures on its verdict, and the shares that follow from its score words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend.domain import job as words
from backend.ports import ChainEvent, Signatures
from backend.verification.job_history import JobHistory
from fl_nodes.protocol import payout, scores, verdict
from fl_nodes.protocol.finding import Finding, judged, unchecked
from fl_nodes.protocol.payout import WEIGHTS, Scheme, Weights, Work
from fl_nodes.protocol.signing import bytes32, fail_typed_data, payout_typed_data, settle_typed_data

NOT_ENDED = "The job has not ended."
VERDICTS = ("JobSettled", "JobSettledByRoot", "JobFailed")


def signatures(history: JobHistory, checked_by: Signatures) -> Finding:
    """Every signature is a drawn validator's, over exactly what the event says, and a quorum signed."""
    end, assigned = history.end, history.first("JobAssigned")
    if end is None:
        return unchecked("verdict", NOT_ENDED)
    if end.name not in VERDICTS:
        return judged("verdict", [], f"The job {history.fate}, which takes no verdict.", "")
    meaning = "Nobody entitled to decided this: the fee moved without the validators' word."
    if assigned is None:
        return judged("verdict", [f"{end.name} came without validators."], "", meaning)
    keys: list[str] = assigned.args["validatorKeys"]
    document = _typed_data(history, end)
    signers = [checked_by.typed_signer(document, s) for s in end.args["signatures"]]
    problems = [
        f"Signature {number} of {len(signers)} is {signer or 'nobody'}'s, which is none of the drawn keys {keys}."
        for number, signer in enumerate(signers, 1)
        if signer not in keys
    ]
    quorum = verdict.quorum(len(keys))
    distinct = {signer for signer in signers if signer in keys}
    if len(distinct) < quorum:
        problems.append(f"{len(distinct)} of {len(keys)} validators signed; it takes {quorum}.")
    fine = f"{len(distinct)} of {len(keys)} drawn validators signed this {document['primaryType']}; it takes {quorum}."
    return judged("verdict", problems, fine, meaning)


def shares(history: JobHistory, specified: Scheme | None, weights: Weights = WEIGHTS) -> Finding:
    """The fee is divided exactly, as a payout scheme (the `specified` one) has it from the score words on chain."""
    end, opened, assigned = history.end, history.first("JobOpened"), history.first("JobAssigned")
    if end is None:
        return unchecked("shares", NOT_ENDED)
    if history.status != words.SETTLED:
        return judged("shares", [], f"The job {history.fate}: nobody earned a share.", "")
    if opened is None or assigned is None:
        return unchecked("shares", "The job has no opening or no trainers to divide a fee among.")
    fee, bps = opened.args["fee"], opened.args["commissionBps"]
    if end.name == "JobSettledByRoot":
        return _by_root(history, end, payout.commission(fee, bps), fee)
    said = end.args
    problems = _sums(fee, bps, said["commission"], sum(said["amounts"]))
    if said["payees"] != assigned.args["trainers"]:
        problems.append(f"The payees {said['payees']} are not the trainers {assigned.args['trainers']}.")
    meaning = "Trainers were not paid what their scores earn: ask the validators for the signed reports."
    if specified is None:
        meaning += " (Or the market weighs the parts of the composite scheme in its own way: name the specification with --spec.)"
    if not len(said["payees"]) == len(said["amounts"]) == len(said["scores"]):
        problems.append("There are not as many amounts and scores as payees.")
        return judged("shares", problems, "", meaning)
    work = [scores.decode(bytes32(w), p) for w, p in zip(said["scores"], said["payees"], strict=True)]
    scheme, told = _scheme(said["amounts"], fee, bps, work, specified, weights)
    problems += [] if scheme else [told]
    fine = (
        f"{sum(said['amounts'])} wei to {len(work)} trainers and {said['commission']} wei of commission are the fee of "
        f"{fee} wei; {told}"
    )
    return judged("shares", problems, fine, meaning)


def _typed_data(history: JobHistory, end: ChainEvent) -> dict[str, Any]:
    said = end.args
    head = {"jobId": bytes32(history.job_id), "evidenceHash": bytes32(said["evidenceHash"])}
    if end.name == "JobFailed":
        return fail_typed_data(history.chain_id, history.escrow, head | {"culprits": said["culprits"]})
    head |= {"resultHash": bytes32(said["resultHash"])}
    if end.name == "JobSettledByRoot":
        root = {"payoutRoot": bytes32(said["payoutRoot"]), "payees": said["payees"]}
        return payout_typed_data(history.chain_id, history.escrow, head | root)
    paid = {
        "payees": said["payees"],
        "amounts": said["amounts"],
        "scores": [bytes32(word) for word in said["scores"]],
    }
    return settle_typed_data(history.chain_id, history.escrow, head | paid)


def _sums(fee_wei: int, bps: int, commission_wei: int, paid_wei: int) -> list[str]:
    problems = []
    due = payout.commission(fee_wei, bps)
    if commission_wei != due:
        problems.append(
            f"The commission was {commission_wei} wei; {bps} basis points of {fee_wei} are {due}."
        )
    if paid_wei + commission_wei != fee_wei:
        problems.append(
            f"{paid_wei} wei paid and {commission_wei} of commission are not the fee of {fee_wei} wei."
        )
    return problems


def _scheme(
    amounts: Sequence[int],
    fee_wei: int,
    bps: int,
    work: Sequence[Work],
    specified: Scheme | None,
    weights: Weights,
) -> tuple[str, str]:
    """The scheme by which the amounts follow from the scores, "" for none, and a sentence about it."""
    due = {s: list(payout.shares(s, fee_wei, bps, work, weights)) for s in Scheme} if work else {}
    fitting = [scheme for scheme, wei in due.items() if wei == list(amounts)]
    if specified is not None:
        if specified in fitting:
            return specified, f"the amounts follow from the scores by the specified scheme, {specified}."
        return (
            "",
            f"By the specified scheme, {specified}, the amounts are {due.get(specified)}, not {list(amounts)}.",
        )
    if fitting:
        return fitting[0], f"the amounts follow from the scores by scheme {' and by '.join(fitting)}."
    told = "; ".join(f"{scheme} gives {wei}" for scheme, wei in due.items())
    return "", f"The amounts {list(amounts)} follow from the scores by no scheme: {told}."


def _by_root(history: JobHistory, end: ChainEvent, due_wei: int, fee_wei: int) -> Finding:
    said, claims = end.args, history.named("PayoutClaimed")
    problems = []
    if said["commission"] != due_wei:
        problems.append(f"The commission was {said['commission']} wei, not {due_wei}.")
    claimed = sum(c.args["amount"] for c in claims)
    if claimed > fee_wei - due_wei:
        problems.append(f"{claimed} wei were claimed of {fee_wei - due_wei}.")
    indexes = [c.args["index"] for c in claims]
    if len(set(indexes)) < len(indexes):
        problems.append(f"A leaf was claimed twice: {sorted(indexes)}.")
    if problems:
        return judged("shares", problems, "", "More left the escrow than the verdict allows: tell everyone.")
    return unchecked(
        "shares",
        f"{fee_wei - due_wei} wei go to {said['payees']} payees under root {said['payoutRoot']}, {claimed} of them claimed; "
        "the chain has no amounts to hold the scores against.",
        "Name the published verdict with --verdict.",
    )
