"""A trainer's two tasks: train a round and commit to it; then reveal what the challenge names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from fl_nodes.adversary import Adversary, AdversaryContext
from fl_nodes.connection import Introduction, Market
from fl_nodes.errors import Refused
from fl_nodes.meter.port import Meter
from fl_nodes.protocol.binding import work_of
from fl_nodes.protocol.hashing import sha256_hex
from fl_nodes.protocol.signing import commitment_text
from fl_nodes.protocol.tasks import (
    Commitment,
    EnergyReading,
    Reveal,
    RevealedCheckpoint,
    RevealTask,
    TrainTask,
)
from fl_nodes.protocol.wire import from_wire
from fl_nodes.session import Call
from fl_nodes.signatures import sign_text
from fl_nodes.training import sequence
from fl_nodes.training.data import Split
from fl_nodes.training.engine import Engine, State, engine_for
from fl_nodes.training.tensors import Array, Weights, added, numbered, to_file
from fl_nodes.training.trainer import train
from fl_nodes.work.checkpoints import CheckpointFolder, RoundFiles, RoundWriter
from fl_nodes.work.model_files import ModelFiles


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

    def train(self, call: Call) -> Commitment:
        """Train one round and commit to it by hashes; nothing is shown yet."""
        task = from_wire(TrainTask, call.payload)
        engine = engine_for(task.architecture, task.training.optimizer)
        weights = self.files.weights(task.model, task.architecture, engine.shapes)
        shard = self.files.split(task.shard, task.architecture)
        if shard.examples != task.examples:
            raise Refused(
                "shard.examples", f"The shard holds {shard.examples} rows, the task says {task.examples}."
            )
        context = _context(task, weights, shard)
        self.meter.begin_window()
        done = _run(
            engine,
            task,
            weights,
            shard,
            self.adversary,
            context,
            self.folder.begin(task.job_id, task.round),
            call.check,
        )
        gpu_use_ppm = self.gpu_use_ppm()
        energy = self._reading(context)
        return self._signed(
            Commitment(
                job_id=task.job_id,
                round=task.round,
                trainer=task.trainer,
                update_sha256=sha256_hex(done.update),
                update_bytes=len(done.update),
                checkpoint_root=done.files.root,
                segments=context.segments,
                steps=sequence.steps(shard.examples, task.training),
                examples=shard.examples,
                loss=done.loss,
                accuracy_ppm=done.accuracy_ppm,
                energy=energy,
                gpu_use_ppm=gpu_use_ppm,
                environment=self.environment,
                work_sha256=work_of(task),
                challenge=task.challenge_commitment,
            )
        )

    def reveal(self, call: Call) -> Reveal:
        """Upload the committed update and the checkpoints that are asked for."""
        task = from_wire(RevealTask, call.payload)
        files = self.folder.find(task.job_id, task.round)
        if files is None:
            raise Refused("reveal.unknown", f"This node holds no round {task.round} of that job.")
        if not all(name.isdigit() and int(name) < len(files.leaves) for name in task.checkpoints):
            raise Refused("reveal.checkpoint", f"Checkpoints are numbered 0 to {len(files.leaves) - 1}.")
        revealed = []
        for index in sorted(map(int, task.checkpoints)):
            call.check()
            data, path = files.checkpoint(index)
            revealed.append(
                RevealedCheckpoint(index, self.files.objects.put(task.checkpoints[str(index)], data), path)
            )
        return Reveal(self.files.objects.put(task.update, files.update()), tuple(revealed))

    def _reading(self, context: AdversaryContext) -> EnergyReading:
        honest = self.meter.end_window()
        joules = self.adversary.reading(honest.millijoules / 1000, context)
        return replace(honest, millijoules=round(joules * 1000))

    def _signed(self, commitment: Commitment) -> Commitment:
        market = self.market()
        text = commitment_text(market.chain_id, market.escrow, commitment)
        return replace(commitment, signature=sign_text(self.who.account, text))


@dataclass(frozen=True)
class _Done:
    """A round's update file, its stored files, and the training metrics of its last pass."""

    update: bytes
    files: RoundFiles
    loss: float
    accuracy_ppm: int


def _run(
    engine: Engine,
    task: TrainTask,
    weights: Weights,
    shard: Split,
    adversary: Adversary,
    context: AdversaryContext,
    writer: RoundWriter,
    check: Callable[[], None],
) -> _Done:
    rows = adversary.data(shard, context)
    writer.checkpoint(engine.start(weights).to_file())
    ends = train(
        engine, task.training, weights, rows, lambda i, w: adversary.segment(w, replace(context, segment=i))
    )
    losses, hits, seen = 0.0, 0, 0
    for end in ends:
        check()
        losses, hits, seen = losses + end.loss_sum, hits + end.correct, seen + end.examples
        last = end.end
        if end.index + 1 < context.segments:
            writer.checkpoint(last.to_file())
    change = [np.subtract(a, b, dtype=np.float32) for a, b in zip(last.weights, weights, strict=True)]
    update = adversary.update(change, context)
    writer.checkpoint(_last_checkpoint(weights, update, last))
    loss = losses / seen
    return _Done(
        update=(sent := to_file(numbered("w", update))),
        files=writer.finish(sent),
        loss=loss if np.isfinite(loss) else 1e9,
        accuracy_ppm=hits * 1_000_000 // seen,
    )


def _last_checkpoint(weights: Weights, update: Sequence[Array], last: State) -> bytes:
    """Global + update, which is what the last checkpoint is by definition; a malformed update stands for itself."""
    if [u.shape for u in update] != [w.shape for w in weights]:
        return to_file(numbered("w", update))
    return State(added(weights, update), last.optimizer).to_file()


def _context(task: TrainTask, weights: Weights, shard: Split) -> AdversaryContext:
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
        global_weights=tuple(w.copy() for w in weights),
    )
