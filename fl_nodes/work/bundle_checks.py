"""What can be said of an evidence bundle before anything is run again: hashes, signatures, paths, the choice of the segment.

Every part is bound by something that somebody signed: the inputs and the claimed end by the accused's commitment, the
accusation by the validators' reports, the verdict by a quorum. Only whose the keys are takes the chain.
"""

from __future__ import annotations

from fl_nodes.protocol import bundle, challenge, verdict
from fl_nodes.protocol.binding import work_digest
from fl_nodes.protocol.finding import Finding, judged
from fl_nodes.protocol.hashing import merkle_verify_at
from fl_nodes.protocol.signing import commitment_text
from fl_nodes.protocol.tasks import Replay, ValidationReport
from fl_nodes.signatures import document_signer, signed_by
from fl_nodes.work.bundle_file import Bundle
from fl_nodes.work.forgery import forged


def checks(read: Bundle, expected_id: str | None = None) -> tuple[Finding, ...]:
    """Everything but the replay and the chain, in the order of the argument."""
    return (
        parts(read, expected_id),
        verdict_signed(read),
        statements(read),
        work(read),
        choice(read),
        checkpoints(read),
        witnesses(read),
    )


def parts(read: Bundle, expected_id: str | None = None) -> Finding:
    """The parts are those that the manifest lists, and the manifest the one that was named."""
    listed, found = read.manifest.parts, read.found
    problems = [f"{name} is missing." for name in sorted(set(listed) - set(found))]
    problems += [f"{name} is not in the manifest." for name in sorted(set(found) - set(listed))]
    problems += [
        f"{name} has SHA-256 {found[name].sha256} and {found[name].size} bytes; the manifest says "
        f"{listed[name].sha256} and {listed[name].size}."
        for name in sorted(set(found) & set(listed))
        if found[name] != listed[name]
    ]
    if expected_id is not None and read.manifest.id != expected_id.lower().removeprefix("0x"):
        problems.append(f"The bundle's id is {read.manifest.id}, not {expected_id}.")
    fine = f"{len(found)} parts, as the manifest {read.manifest.id} lists them."
    return judged("parts", problems, fine, "The file was changed after it was made: fetch it again.")


def verdict_signed(read: Bundle) -> Finding:
    """A quorum of the validators signed a verdict that names the accused, over just these reports."""
    task, claim, head = read.verdict, read.claim, read.manifest
    problems = []
    about = {
        "job": (head.job_id, task.job_id),
        "chain": (head.chain_id, task.chain_id),
        "escrow": (head.escrow, task.escrow),
        "accused": (head.culprit, claim.culprit),
        "evidence hash": (head.evidence_hash, verdict.evidence_hash(task.reports)),
    }
    problems += [
        f"The {name} is {a} in one place and {b} in another." for name, (a, b) in about.items() if a != b
    ]
    if task.outcome != verdict.FAIL or claim.culprit not in task.culprits:
        problems.append(f"The verdict does not name {claim.culprit}.")
    try:
        document = verdict.typed_data(task)
    except ValueError as error:
        return judged("verdict", [*problems, f"It cannot be signed at all: {error}."], "", _NOT_DECIDED)
    keys = {key.lower() for key in task.validator_keys.values()}
    signers = {(document_signer(document, s) or "").lower() for s in claim.signatures}
    quorum = verdict.quorum(len(task.validator_keys))
    if signers - keys:
        problems.append("A signature on the verdict is none of the validators'.")
    if len(signers & keys) < quorum:
        problems.append(f"{len(signers & keys)} of {len(keys)} validators signed; it takes {quorum}.")
    fine = f"{len(signers & keys)} of {len(keys)} validators signed that {claim.culprit} cheated."
    return judged("verdict", problems, fine, _NOT_DECIDED)


def statements(read: Bundle) -> Finding:
    """All reports and commitments are signed, belong together, and lead to the verdict."""
    task = read.verdict
    problems = [f"{why[:1].upper()}{why[1:]}." for why in (forged(task), verdict.objection(task)) if why]
    for c in read.claim.unrevealed:
        text = commitment_text(task.chain_id, task.escrow, c)
        if not signed_by(task.trainer_keys.get(c.trainer, ""), text, c.signature):
            problems.append(f"The unrevealed commitment of {c.trainer} is not signed by it.")
    fine = f"{len(task.reports)} reports and {len(task.commitments)} commitments are signed, and lead to the verdict."
    return judged(
        "statements", problems, fine, "What was said was changed, or the verdict does not follow from it."
    )


def work(read: Bundle) -> Finding:
    """Architecture, settings, model, shard and update are those that the accused signed for."""
    c, claim = read.commitment, read.claim
    if c is None:
        return judged("work", [_NO_COMMITMENT.format(claim.culprit, claim.round)], "", _NOT_BOUND)
    shas = {name: part.sha256 for name, part in read.found.items()}
    problems = []
    due = work_digest(claim.architecture, claim.training, shas[bundle.MODEL], shas[bundle.SHARD])
    if due != c.work_sha256:
        problems.append("Architecture, settings, model or shard are not those that the accused committed to.")
    if (shas[bundle.UPDATE], read.found[bundle.UPDATE].size) != (c.update_sha256, c.update_bytes):
        problems.append("The update is not the one that the accused committed to.")
    fine = f"{c.trainer} signed for this model, shard, architecture, settings and update in round {c.round}."
    return judged("work", problems, fine, _NOT_BOUND)


def choice(read: Bundle) -> Finding:
    """The segment was chosen by a nonce fixed before the commitments, and by all of them."""
    claim, c = read.claim, read.commitment
    if c is None:
        return judged("choice", [_NO_COMMITMENT.format(claim.culprit, claim.round)], "", _STEERED)
    problems = []
    try:
        published = challenge.commit(claim.nonce)
    except ValueError:
        return judged("choice", ["The nonce is not hexadecimal."], "", _STEERED)
    problems += [
        f"{other.trainer} committed to another challenge than this nonce's."
        for other in read.committed
        if other.challenge != published or (other.job_id, other.round) != (c.job_id, claim.round)
    ]
    drawn = challenge.seed(claim.nonce, read.committed)
    picked = challenge.segments_to_replay(drawn, claim.culprit, c.segments, len(claim.segments))
    if picked != claim.segments:
        problems.append(f"The challenge picks segments {list(picked)}, not {list(claim.segments)}.")
    if claim.segment not in picked:
        problems.append(f"Segment {claim.segment} was not picked.")
    fine = (
        f"Segment {claim.segment} is one of {list(picked)} that the nonce, fixed beforehand, and the round's "
        f"{len(read.committed)} commitments pick."
    )
    return judged("choice", problems, fine, _STEERED)


def checkpoints(read: Bundle) -> Finding:
    """Start and claimed end stand under the committed root, where they must."""
    claim, c = read.claim, read.commitment
    if c is None:
        return judged("checkpoints", [_NO_COMMITMENT.format(claim.culprit, claim.round)], "", _NOT_BOUND)
    problems = []
    places = (
        (bundle.START, claim.start_path, claim.segment, claim.segment == 0),
        (bundle.END, claim.end_path, claim.segment + 1, claim.segment + 1 == c.segments),
    )
    for name, path, index, none_due in places:
        part = read.found.get(name)
        if none_due:
            problems += (
                [f"{name} must not be there: it follows from the model and the update."]
                if part or path
                else []
            )
        elif part is None:
            problems.append(f"{name} is missing.")
        elif not merkle_verify_at(c.checkpoint_root, part.sha256, path, index, c.segments + 1):
            problems.append(f"{name} is not checkpoint {index} under the root that the accused committed to.")
    fine = f"Segment {claim.segment} of {c.segments} runs between checkpoints that the accused committed to."
    return judged("checkpoints", problems, fine, _NOT_BOUND)


def witnesses(read: Bundle) -> Finding:
    """At least two validators found, by an honest tolerance, that the segment does not follow, and fewer that it does."""
    claim = read.claim
    said = [(report, replay) for report, replay in _about(read)]
    against = [(report, replay) for report, replay in said if not replay.matches]
    problems = []
    if (claim.round, claim.culprit, claim.segment) not in verdict.proven(read.verdict.reports):
        problems.append(f"{len(against)} of {len(said)} replays found that the segment does not follow.")
    if any(report.tolerance < verdict.LEAST_TOLERANCE for report, _ in against):
        problems.append(f"A replay was judged by a tolerance below {verdict.LEAST_TOLERANCE}.")
    told = "; ".join(
        f"{report.validator}: {replay.reason or f'{replay.distance_ppm} ppm off'}"
        for report, replay in against
    )
    fine = f"{len(against)} of {len(said)} replays found that the segment does not follow. {told}."
    return judged("witnesses", problems, fine, "Too few witnesses for an accusation, or crooked ones.")


def tolerance(read: Bundle) -> float:
    """The largest that an accuser judged by: what is within it accuses nobody."""
    return max(
        (r.tolerance for r, replay in _about(read) if not replay.matches), default=verdict.LEAST_TOLERANCE
    )


def _about(read: Bundle) -> list[tuple[ValidationReport, Replay]]:
    claim = read.claim
    return [
        (report, replay)
        for report in read.verdict.reports
        if report.round == claim.round
        for replay in report.replays
        if (replay.trainer, replay.segment) == (claim.culprit, claim.segment)
    ]


_NO_COMMITMENT = "There is no commitment of {} in round {}."
_NOT_BOUND = "This is not what the accused committed to: it proves nothing against it."
_NOT_DECIDED = "No quorum of validators accused this node of this."
_STEERED = "The segment was not chosen as it must be: somebody may have looked for one."
