"""Re-running a segment from the files that it was handed over with, for a round's validator and for whoever verifies evidence."""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.errors import Refused
from fl_nodes.protocol.hashing import merkle_verify_at, sha256_hex
from fl_nodes.protocol.tasks import (
    Commitment,
    ObjectRef,
    Replay,
    SegmentToReplay,
    UpdateToValidate,
    ValidateTask,
)
from fl_nodes.training import scoring, sequence
from fl_nodes.training.engine import Engine, State, engine_for
from fl_nodes.training.replay import replay
from fl_nodes.training.tensors import Array, TensorsInvalid, added, finite, from_file, listed, mismatch
from fl_nodes.work.model_files import ModelFiles


@dataclass(frozen=True)
class Read:
    """An update as it was read: its arrays, None where they have not even the right form, and what is wrong with it."""

    arrays: list[Array] | None
    defect: str


@dataclass(frozen=True)
class Replayer:
    """Reads and re-runs what a `ValidateTask` names."""

    files: ModelFiles

    def read(self, task: ValidateTask, update: UpdateToValidate) -> Read:
        """A revealed update."""
        try:
            arrays = listed("w", from_file(self._bytes(update.update, task)))
        except TensorsInvalid as error:
            return Read(None, f"the update is {error}")
        why = mismatch(arrays, self.engine(task, update).shapes)
        if why:
            return Read(None, f"the update {why}")
        return Read(arrays, "" if finite(arrays) else "the update holds values that are not finite")

    def replayed(
        self, task: ValidateTask, update: UpdateToValidate, segment: SegmentToReplay, read: Read
    ) -> Replay:
        """Re-run one segment and hold its claimed end against it."""
        c, spec = update.commitment, task.training[update.commitment.trainer]
        if update.shard is None:
            raise Refused("evidence.incomplete", f"There is no shard given for the work of {c.trainer}.")
        shard = self.files.split(update.shard, task.architecture)
        engine = self.engine(task, update)
        due = sequence.segments(shard.examples, spec)
        if c.examples != shard.examples:
            return _mismatching(
                c, segment, f"claims {c.examples} examples where the shard has {shard.examples}"
            )
        if c.segments != due:
            return _mismatching(c, segment, f"commits to {c.segments} segments where the work has {due}")
        weights = self.files.weights(task.model, task.architecture, engine.shapes)
        try:
            start = self._state(segment.start, task, engine) if segment.start else engine.start(weights)
            if segment.end is not None:
                claimed = self._state(segment.end, task, engine)
            elif read.arrays is not None:
                claimed = State(added(weights, read.arrays), [])
            else:
                return _mismatching(c, segment, read.defect)
        except TensorsInvalid as error:
            return _mismatching(c, segment, f"a committed checkpoint cannot be used: {error}")
        found = replay(engine, spec, shard, segment.index, start, claimed, task.tolerance)
        return Replay(
            trainer=c.trainer,
            update_sha256=c.update_sha256,
            segment=segment.index,
            distance_ppm=scoring.ppm(found.distance),
            matches=found.matches,
            replayed_sha256=sha256_hex(found.replayed.to_file()),
            reason=found.reason,
        )

    def _state(self, ref: ObjectRef, task: ValidateTask, engine: Engine) -> State:
        return engine.read_state(self._bytes(ref, task))

    def _bytes(self, ref: ObjectRef, task: ValidateTask) -> bytes:
        limit = self.files.limit(task.architecture)
        if ref.size > limit:
            raise TensorsInvalid(f"larger than the {limit:,} bytes that it can have")
        return self.files.objects.fetch(ref, limit)

    @staticmethod
    def engine(task: ValidateTask, update: UpdateToValidate) -> Engine:
        """The engine of an update's training."""
        return engine_for(task.architecture, task.training[update.commitment.trainer].optimizer)


def _mismatching(commitment: Commitment, segment: SegmentToReplay, why: str) -> Replay:
    return Replay(
        commitment.trainer, commitment.update_sha256, segment.index, scoring.MAX_PPM, False, "", why
    )


def check_paths(commitment: Commitment, segment: SegmentToReplay) -> None:
    """Refused `evidence.*` unless start and end stand where they must under the committed root."""
    given = (
        ("start", segment.start, segment.start_path, segment.index == 0),
        ("end", segment.end, segment.end_path, segment.index + 1 == commitment.segments),
    )
    for name, ref, path, may_miss in given:
        if ref is None and not may_miss:
            raise Refused(
                "evidence.incomplete", f"Segment {segment.index} of {commitment.trainer} lacks its {name}."
            )
        index = segment.index + (name == "end")
        if ref is not None and not merkle_verify_at(
            commitment.checkpoint_root, ref.sha256, path, index, commitment.segments + 1
        ):
            raise Refused(
                "evidence.not_committed",
                f"The {name} given for segment {segment.index} is not under the root that {commitment.trainer} committed to.",
            )
