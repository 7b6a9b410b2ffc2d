"""Local training, segment by segment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from fl_nodes.protocol.tasks import TrainingSpec
from fl_nodes.training import sequence
from fl_nodes.training.data import Split
from fl_nodes.training.engine import Engine, State
from fl_nodes.training.tensors import Array, Weights

OnSegment = Callable[[int, Weights], Weights]


@dataclass(frozen=True)
class SegmentEnd:
    """One segment done: where it ended, and the training metrics of its batches."""

    index: int
    end: State
    loss_sum: float
    correct: int
    examples: int


def train(
    engine: Engine,
    spec: TrainingSpec,
    weights: Sequence[Array],
    split: Split,
    on_segment: OnSegment = lambda _, unchanged: unchanged,
    first: int = 0,
    start: State | None = None,
) -> Iterator[SegmentEnd]:
    """Run the whole sequence from the global model, or from `start`, where segment `first` begins; what `on_segment` returns is
    what training continues from.
    """
    state = start or engine.start(weights)
    for index in range(first, sequence.segments(split.examples, spec)):
        run = run_segment(engine, spec, state, split, index)
        state = State(on_segment(index, run.end.weights), run.end.optimizer)
        yield SegmentEnd(index, state, run.loss_sum, run.correct, run.examples)


def run_segment(engine: Engine, spec: TrainingSpec, start: State, split: Split, index: int) -> SegmentEnd:
    """Run one segment of the sequence from `start`."""
    todo = sequence.batches(split.examples, spec, index)
    run = engine.run(start, split, todo, spec.learning_rate, sequence.dropout_seed(spec, index))
    return SegmentEnd(index, run.end, run.loss_sum, run.correct, run.examples)
