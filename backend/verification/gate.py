"""The gate: what a commitment or a reveal must satisfy before anyone spends work on it.

A defect here drops the node from the round, unpaid; it never slashes: only re-executed segments do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from backend.ports import StoredObject
from fl_nodes.protocol.binding import work_of
from fl_nodes.protocol.hashing import merkle_verify_at
from fl_nodes.protocol.reading import KINDS
from fl_nodes.protocol.signing import commitment_text, report_text
from fl_nodes.protocol.tasks import (
    Commitment,
    EnergyReading,
    Reveal,
    TrainTask,
    ValidateTask,
    ValidationReport,
)

Signer = Callable[[str, str], str | None]
"""(text, signature) -> checksum address of who signed it, None if malformed."""

_DIGEST_LENGTH = 64
_ALL_PPM = 1_000_000
MOST_MILLIJOULES = 1 << 40
"""More than a data centre's machine takes in a day; the circuits' and the ledger's sums hold it."""

MOST_SECONDS = 1e7
WIDEST_BAND_PPM = 100 * _ALL_PPM


def expected_steps(examples: int, batch_size: int, local_epochs: int) -> int:
    """Optimizer steps of one local run; the last, smaller batch of each pass counts as a step."""
    return -(-examples // batch_size) * local_epochs


def expected_segments(steps: int, segment_steps: int) -> int:
    """Segments of a run; the last may be shorter."""
    return -(-steps // segment_steps)


def commitment_defect(
    task: TrainTask, commitment: Commitment, key: str, chain_id: int, escrow: str, signer: Signer
) -> str:
    """Why this commitment cannot be taken for `task`; empty when it can."""
    training = task.training
    steps = expected_steps(task.examples, training.batch_size, training.local_epochs)
    claims = {
        "job": (commitment.job_id, task.job_id),
        "round": (commitment.round, task.round),
        "trainer": (commitment.trainer, task.trainer),
        "examples": (commitment.examples, task.examples),
        "steps": (commitment.steps, steps),
        "segments": (commitment.segments, expected_segments(steps, training.segment_steps)),
    }
    for name, (claimed, due) in claims.items():
        if claimed != due:
            return f"claims {name} {claimed}, but the task says {due}"
    if len(commitment.update_sha256) != _DIGEST_LENGTH or len(commitment.checkpoint_root) != _DIGEST_LENGTH:
        return "commits to something that is not a SHA-256"
    if commitment.work_sha256 != work_of(task):
        return "commits to other work than it was asked to do"
    if commitment.challenge != task.challenge_commitment:
        return "does not repeat the challenge commitment it was given"
    for reading in (commitment.energy, commitment.setup_energy):
        if reading is not None and (said := _reading_defect(reading)):
            return said
    if not 0 <= commitment.gpu_use_ppm <= _ALL_PPM:
        return "claims to have used less than none or more than all of its GPU"
    if signer(commitment_text(chain_id, escrow, commitment), commitment.signature) != key:
        return "is not signed by the node's key"
    return ""


def _reading_defect(reading: EnergyReading) -> str:
    """Why a reading is none: what is added up of it later, here and on the carbon chain, has to be a number of its kind."""
    if reading.millijoules < 0 or reading.seconds < 0:
        return "claims negative energy or time"
    if not reading.millijoules < MOST_MILLIJOULES or not reading.seconds < MOST_SECONDS:
        return "claims more energy or time than there is"
    if reading.kind not in KINDS or not 0 <= reading.band_ppm <= WIDEST_BAND_PPM:
        return "claims energy without saying rightly how it is known"
    return ""


def repeated_updates(commitments: Sequence[Commitment], earlier: Sequence[Commitment]) -> dict[str, str]:
    """Trainers whose update another trainer or an earlier round already had, and why that is no honest work."""
    seen = {c.update_sha256: f"round {c.round} of {c.trainer}" for c in earlier}
    count: dict[str, list[str]] = {}
    for c in commitments:
        count.setdefault(c.update_sha256, []).append(c.trainer)
    found = {}
    for c in commitments:
        if c.update_sha256 in seen:
            found[c.trainer] = f"repeats the update of {seen[c.update_sha256]}"
        elif len(count[c.update_sha256]) > 1:
            found[c.trainer] = (
                f"has the same update as {', '.join(t for t in count[c.update_sha256] if t != c.trainer)}"
            )
    return found


def checkpoints_needed(segments: Sequence[int], total: int) -> tuple[int, ...]:
    """Checkpoint indices to reveal for these segments; the first is the global model, the last is global + update."""
    ends = {i for j in segments for i in (j, j + 1)}
    return tuple(sorted(ends - {0, total}))


def is_committed(commitment: Commitment, update: StoredObject | None) -> bool:
    """Whether what is stored is the update that was committed to."""
    return update is not None and (update.sha256, update.size) == (
        commitment.update_sha256,
        commitment.update_bytes,
    )


def reveal_defect(
    commitment: Commitment,
    reveal: Reveal,
    needed: Sequence[int],
    stored: Mapping[str, StoredObject | None],
    update_key: str,
) -> str:
    """Why what was revealed is not what was committed; `stored` is what object storage really holds by key."""
    if not is_committed(commitment, stored.get(update_key)):
        return "revealed an update that is not the one it committed to"
    revealed = {c.index: c for c in reveal.checkpoints}
    for index in needed:
        if index not in revealed:
            return f"did not reveal checkpoint {index}"
        checkpoint = revealed[index]
        there = stored.get(checkpoint.stored.key)
        if there is None or there.sha256 != checkpoint.stored.sha256:
            return f"revealed a checkpoint {index} that is not in storage as claimed"
        if not merkle_verify_at(
            commitment.checkpoint_root, there.sha256, checkpoint.path, index, commitment.segments + 1
        ):
            return f"revealed a checkpoint {index} that is not where it stands under its committed root"
    return ""


def report_defect(
    task: ValidateTask, report: ValidationReport, key: str, chain_id: int, escrow: str, signer: Signer
) -> str:
    """Why this validation report cannot be taken for `task`; empty when it can."""
    if (report.job_id, report.round, report.validator) != (task.job_id, task.round, task.validator):
        return "reports on another task"
    asked = {
        (u.commitment.trainer, u.commitment.update_sha256, s.index) for u in task.updates for s in u.segments
    }
    if {(r.trainer, r.update_sha256, r.segment) for r in report.replays} != asked:
        return "did not re-run exactly the segments it was asked to"
    to_score = (
        {(u.commitment.trainer, u.commitment.update_sha256) for u in task.updates}
        if task.validation
        else set()
    )
    if {(s.trainer, s.update_sha256) for s in report.scores} != to_score:
        return "did not score exactly the updates it was asked to"
    if report.tolerance != task.tolerance:
        return "judged its replays by another tolerance than it was asked to"
    if any(abs(s.contribution_ppm) > _ALL_PPM for s in report.scores):
        return "claims that an update gained or lost more than there is"
    if signer(report_text(chain_id, escrow, report), report.signature) != key:
        return "is not signed by the validator's key"
    return ""
