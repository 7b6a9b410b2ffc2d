"""The replay of a bundle's segment: the same code, tolerance and doubt as a validator's."""

from __future__ import annotations

from fl_nodes.errors import NodeError, Refused
from fl_nodes.protocol import bundle
from fl_nodes.protocol.finding import Finding, judged, unchecked
from fl_nodes.protocol.tasks import Commitment, Replay, SegmentToReplay, UpdateToValidate, ValidateTask
from fl_nodes.training import determinism
from fl_nodes.training.tensors import TensorsInvalid
from fl_nodes.work.bundle_checks import tolerance
from fl_nodes.work.bundle_file import Bundle, BundleObjects
from fl_nodes.work.model_files import ModelFiles
from fl_nodes.work.replayer import Replayer


def replayed(read: Bundle) -> Finding:
    """Whether the claimed end of the segment does not follow from its start; ok means guilty."""
    c = read.commitment
    if c is None:
        return judged("replay", [f"There is no work of {read.claim.culprit} to run again."], "", _NO_GUILT)
    try:
        found = replay_of(read, c)
    except (NodeError, TensorsInvalid, ValueError) as error:
        why = error.message if isinstance(error, NodeError) else str(error)
        return judged("replay", [f"The segment cannot be run again: {why}."], "", _NO_GUILT)
    told = found.reason or f"it lies {found.distance_ppm} ppm from where the replay ends"
    if found.matches:
        return judged("replay", [f"Segment {found.segment} follows from its start: {told}."], "", _NO_GUILT)
    fine = f"Segment {found.segment} does not follow from its start: {told}; up to {tolerance(read):g} would pass."
    return judged("replay", [], fine, "")


def replay_of(read: Bundle, commitment: Commitment) -> Replay:
    """Re-run the segment as a validator does."""
    claim = read.claim
    model, shard, update = (read.ref(name) for name in (bundle.MODEL, bundle.SHARD, bundle.UPDATE))
    if model is None or shard is None or update is None:
        raise Refused("bundle.incomplete", "The bundle lacks model, shard or update.")
    segment = SegmentToReplay(
        claim.segment, read.ref(bundle.START), claim.start_path, read.ref(bundle.END), claim.end_path
    )
    asked = UpdateToValidate(commitment, update, shard, (segment,))
    task = ValidateTask(
        job_id=commitment.job_id,
        round=claim.round,
        validator="",
        architecture=claim.architecture,
        training={claim.culprit: claim.training},
        model=model,
        updates=(asked,),
        tolerance=tolerance(read),
    )
    replayer = Replayer(ModelFiles(BundleObjects(read)))
    return replayer.replayed(task, asked, segment, replayer.read(task, asked))


def environment(read: Bundle) -> Finding:
    """Whether this machine computes as the accused's did, as far as names tell."""
    here, there = determinism.environment(), read.commitment.environment if read.commitment else ""
    if here == there:
        return judged("environment", [], f"As the accused's: {here}.", "")
    return unchecked(
        "environment",
        f"The accused trained on {there or 'an unknown machine'}; this is {here}.",
        "The tolerance is meant for such differences; where the replay decides narrowly, run it on a machine like that too.",
    )


_NO_GUILT = "Nothing here shows that the accused cheated."
