"""A trainer's two tasks: train a round, hand the update in and commit to it; then reveal what the challenge names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import structlog

from fl_nodes.adversary import Adversary, AdversaryContext
from fl_nodes.connection import Introduction, Market
from fl_nodes.errors import NodeError, Refused
from fl_nodes.meter.laps import Laps
from fl_nodes.meter.port import Meter
from fl_nodes.meter.windows import Windows, nowhere
from fl_nodes.power.control import PowerControl
from fl_nodes.power.left_behind import LeftBehind
from fl_nodes.protocol.binding import work_of
from fl_nodes.protocol.hashing import sha256_hex
from fl_nodes.protocol.signing import commitment_text
from fl_nodes.protocol.tasks import (
    Commitment,
    EnergyReading,
    Reveal,
    RevealedCheckpoint,
    RevealTask,
    Stored,
    TrainTask,
)
from fl_nodes.protocol.wire import WireError, from_wire, to_wire
from fl_nodes.session import Call
from fl_nodes.signatures import sign_text
from fl_nodes.training import sequence
from fl_nodes.training.data import Split
from fl_nodes.training.engine import Engine, State, engine_for
from fl_nodes.training.tensors import Array, TensorsInvalid, Weights, numbered, to_file
from fl_nodes.training.trainer import train
from fl_nodes.work.checkpoints import CheckpointFolder, RoundFiles, RoundWriter
from fl_nodes.work.model_files import ModelFiles
from fl_nodes.work.own_claims import OwnClaims

log = structlog.get_logger()


@dataclass(frozen=True)
class TrainerWork:
    """What a trainer needs. `gpu_use_ppm` says how busy its GPU was."""

    who: Introduction
    market: Callable[[], Market]
    files: ModelFiles
    folder: CheckpointFolder
    meter: Meter
    adversary: Adversary
    environment: str
    gpu_use_ppm: Callable[[], int] = lambda: 0
    windows: Windows = field(default_factory=nowhere)
    claims: OwnClaims | None = None
    power: PowerControl = field(default_factory=lambda: PowerControl(None, LeftBehind()))

    def train(self, call: Call) -> Commitment:
        """Train one round, put the update where nobody looks before all have committed, and commit to it by hashes."""
        commitment = self.commit_to(from_wire(TrainTask, call.payload), call.check)
        if self.claims is not None:
            self.claims.add(commitment)
        return commitment

    def commit_to(self, task: TrainTask, check: Callable[[], None]) -> Commitment:
        """`train`, of a task that was read."""
        engine = engine_for(task.architecture, task.training.optimizer)
        weights = self.files.weights(task.model, task.architecture, engine.shapes)
        shard = self.files.split(task.shard, task.architecture)
        if shard.examples != task.examples:
            raise Refused(
                "shard.examples", f"The shard holds {shard.examples} rows, the task says {task.examples}."
            )
        context = _context(task, self.adversary.copies(weights), shard)
        setup = self._set_up(engine, shard)
        laps = Laps(self.meter)
        writer = self.folder.begin(task.job_id, task.round, task.model.sha256, work_of(task))
        with self.power.running_at(task.level) as level:
            done = _run(engine, task, weights, shard, self.adversary, context, writer, laps, check)
            gpu_use_ppm = self.gpu_use_ppm()
            energy = _at_level(self._reading(laps.end(), context), level)
        sha256 = sha256_hex(done.update)
        files = writer.finish(done.update, sha256, handed_in=self._hand_in(task, done.update, sha256))
        return self._signed(
            Commitment(
                job_id=task.job_id,
                round=task.round,
                trainer=task.trainer,
                update_sha256=sha256,
                update_bytes=len(done.update),
                checkpoint_root=files.root,
                segments=context.segments,
                steps=sequence.steps(shard.examples, task.training),
                examples=shard.examples,
                loss=done.loss,
                accuracy_ppm=done.accuracy_ppm,
                energy=energy,
                gpu_use_ppm=gpu_use_ppm,
                environment=self.environment,
                work_sha256=work_of(task),
                setup_energy=setup,
                challenge=task.challenge_commitment,
            )
        )

    def _hand_in(self, task: TrainTask, update: bytes, sha256: str) -> bool:
        """Upload the update before its commitment is known; whether it is there. The reveal asks again for one that is not."""
        if task.update is None:
            return False
        try:
            self.files.objects.put(task.update, update, sha256)
        except NodeError as error:
            log.warning("update.not_handed_in", round=task.round, code=error.code, message=error.message)
            return False
        return True

    def reveal(self, call: Call) -> Reveal:
        """Upload the checkpoints that are asked for, and the committed update where it is."""
        task = from_wire(RevealTask, call.payload)
        files = self.folder.find(task.job_id, task.round)
        if files is None:
            raise Refused("reveal.unknown", f"This node holds no round {task.round} of that job.")
        if not all(name.isdigit() and files.holds(int(name)) for name in task.checkpoints):
            raise Refused("reveal.checkpoint", f"Checkpoints are numbered 1 to {len(files.leaves) - 2}.")
        revealed = []
        for index in sorted(map(int, task.checkpoints)):
            call.check()
            data, path = files.checkpoint(index)
            stored = self.files.objects.put(task.checkpoints[str(index)], data, files.leaves[index])
            revealed.append(RevealedCheckpoint(index, stored, path))
        return Reveal(self._revealed_update(task, files), tuple(revealed))

    def _revealed_update(self, task: RevealTask, files: RoundFiles) -> Stored | None:
        if task.update is None:
            return None
        update = files.update()
        if update is None:
            raise Refused(
                "reveal.update", "This node handed that update in with its commitment and kept no copy."
            )
        return self.files.objects.put(task.update, update, files.update_sha256)

    def _set_up(self, engine: Engine, shard: Split) -> EnergyReading | None:
        """What it took to make the program that trains; None where it was there already."""
        if engine.is_warm:
            return None
        self.meter.begin_window()
        with self.windows.step("setup"):
            engine.warm_up(shard)
        return self.meter.end_window()

    def _reading(self, honest: EnergyReading, context: AdversaryContext) -> EnergyReading:
        joules = self.adversary.reading(honest.millijoules / 1000, context)
        return replace(honest, millijoules=round(joules * 1000))

    def _signed(self, commitment: Commitment) -> Commitment:
        market = self.market()
        text = commitment_text(market.chain_id, market.escrow, commitment)
        return replace(commitment, signature=sign_text(self.who.account, text))


@dataclass(frozen=True)
class _Done:
    """A round's update file and the training metrics of its last pass."""

    update: bytes
    loss: float
    accuracy_ppm: int


@dataclass(frozen=True)
class _SoFar:
    """Training metrics up to a checkpoint, as sums over its examples, and the energy on record."""

    losses: float = 0.0
    hits: int = 0
    seen: int = 0
    energy: EnergyReading | None = None


def _run(
    engine: Engine,
    task: TrainTask,
    weights: Weights,
    shard: Split,
    adversary: Adversary,
    context: AdversaryContext,
    writer: RoundWriter,
    laps: Laps,
    check: Callable[[], None],
) -> _Done:
    rows = adversary.data(shard, context)
    so_far, start = _resumed(engine, writer, context)
    laps.begin(so_far.energy)
    ends = train(
        engine,
        task.training,
        weights,
        rows,
        lambda i, w: adversary.segment(w, replace(context, segment=i)),
        writer.last,
        start,
    )
    losses, hits, seen = so_far.losses, so_far.hits, so_far.seen
    for end in ends:
        check()
        losses, hits, seen = losses + end.loss_sum, hits + end.correct, seen + end.examples
        last = end.end
        if end.index + 1 < context.segments:
            writer.checkpoint(last.to_file(), to_wire(_SoFar(losses, hits, seen, laps.lap())))
    change = [np.subtract(a, b, dtype=np.float32) for a, b in zip(last.weights, weights, strict=True)]
    update = adversary.update(change, context)
    loss = losses / seen
    return _Done(
        update=to_file(numbered("w", update)),
        loss=loss if np.isfinite(loss) else 1e9,
        accuracy_ppm=hits * 1_000_000 // seen,
    )


def _at_level(reading: EnergyReading, level: str) -> EnergyReading:
    """The reading with how hard the machine worked in its method."""
    return replace(reading, method=f"{reading.method}; {level}") if level else reading


def _resumed(engine: Engine, writer: RoundWriter, context: AdversaryContext) -> tuple[_SoFar, State | None]:
    """Where an earlier process stopped in this very work: at the last checkpoint that can be read, None for the model itself."""
    writer.go_back(context.segments - 1)
    while writer.last:
        try:
            found = from_wire(_SoFar, writer.notes[-1]), engine.read_state(writer.read(writer.last))
        except (WireError, TensorsInvalid):
            writer.go_back(writer.last - 1)
            continue
        log.info("training.resumed", job=context.job_id, round=context.round, segment=writer.last)
        return found
    return _SoFar(), None


def _context(task: TrainTask, weights: Sequence[Array], shard: Split) -> AdversaryContext:
    return AdversaryContext(
        job_id=task.job_id,
        round=task.round,
        trainer=task.trainer,
        seed=task.training.seed,
        examples=shard.examples,
        classes=task.architecture["classes"],
        segments=sequence.segments(shard.examples, task.training),
        learning_rate=task.training.learning_rate,
        batch_size=task.training.batch_size,
        local_epochs=task.training.local_epochs,
        global_weights=tuple(weights),
    )
