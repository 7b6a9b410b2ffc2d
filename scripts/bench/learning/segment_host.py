"""`python -m scripts.bench.learning.segment_host` (nodes' environment): single segments, run, cheated and replayed.

Started once for each arithmetic (threads, oneDNN, instruction set), so that one's segments can be replayed by another.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from fl_nodes.protocol.tasks import TrainingSpec
from fl_nodes.protocol.wire import from_wire
from fl_nodes.training import determinism, sequence
from fl_nodes.training.data import Split, read_split
from fl_nodes.training.engine import Engine, State, engine_for, initial_weights
from fl_nodes.training.replay import replay
from fl_nodes.training.sequence import Batches
from fl_nodes.training.tensors import Weights
from fl_nodes.training.trainer import train
from scripts.bench.learning.pipe import serve


class _Work:
    """A training run as requested: its engine, rows, and the states at its checkpoints in a folder."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.architecture: dict[str, Any] = request["architecture"]
        self.spec = from_wire(TrainingSpec, request["spec"])
        self.engine: Engine = engine_for(self.architecture, self.spec.optimizer)
        self.split = read_split(Path(request["rows"]).read_bytes(), self.architecture)
        self.folder = Path(request["folder"])
        self.tolerance = float(request["tolerance"])
        self.segments = sequence.segments(self.split.examples, self.spec)

    def path(self, index: int) -> Path:
        return self.folder / f"{index}.safetensors"

    def state(self, index: int) -> State:
        return self.engine.read_state(self.path(index).read_bytes())

    def distance(self, index: int, claimed: State) -> tuple[float, bool]:
        found = replay(self.engine, self.spec, self.split, index, self.state(index), claimed, self.tolerance)
        return found.distance, found.matches

    def cheated(self, index: int, cheat: Callable[[_Segment], Weights]) -> State:
        """The end of a segment as a cheat would claim it, by its weights alone."""
        batches = sequence.batches(self.split.examples, self.spec, index)
        return State(cheat(_Segment(self, self.state(index), batches, index)), [])


class _Segment:
    """One segment, to be run with something changed."""

    def __init__(self, work: _Work, start: State, batches: Batches, index: int) -> None:
        self.work, self.start, self.batches, self.index = work, start, batches, index

    def run(self, batches: Batches | None = None, split: Split | None = None, rate: float = 1.0) -> Weights:
        spec = self.work.spec
        seed = sequence.dropout_seed(spec, self.index)
        end = self.work.engine.run(
            self.start, split or self.work.split, batches or self.batches, spec.learning_rate * rate, seed
        )
        return end.end.weights


def _without_steps(segment: _Segment, skipped: int) -> Weights:
    """The last `skipped` steps are left out."""
    bounds = segment.batches.bounds[: len(segment.batches.bounds) - skipped]
    return segment.run(Batches(segment.batches.rows[: bounds[-1]], bounds))


def _flipped(segment: _Segment, share: float) -> Weights:
    """That share of the segment's labels is wrong; at least one."""
    rows = np.unique(segment.batches.rows)
    chosen = rows[:: max(1, round(1 / share))] if share else rows[:1]
    y = segment.work.split.y.copy()
    y[chosen] = (y[chosen] + 1) % segment.work.architecture["classes"]
    return segment.run(split=Split(segment.work.split.x, y))


def _half_precision(segment: _Segment) -> Weights:
    """Honest work, its end sent in half precision."""
    return [w.astype(np.float16).astype(np.float32) for w in segment.run()]


CHEATS: dict[str, Callable[[_Segment], Weights]] = {
    "one step left out": lambda s: _without_steps(s, 1),
    "a quarter of the steps left out": lambda s: _without_steps(s, s.batches.steps // 4),
    "one label wrong": lambda s: _flipped(s, 0.0),
    "1 % of labels wrong": lambda s: _flipped(s, 0.01),
    "5 % of labels wrong": lambda s: _flipped(s, 0.05),
    "learning rate 1 % higher": lambda s: s.run(rate=1.01),
    "end in half precision": _half_precision,
}


def run(request: dict[str, Any]) -> int:
    """Train and write the state at every checkpoint; the number of segments."""
    work = _Work(request)
    work.folder.mkdir(parents=True, exist_ok=True)
    for index, state in enumerate(_states(work, request["seed"])):
        work.path(index).write_bytes(state.to_file())
    return work.segments


def replayed(request: dict[str, Any]) -> list[dict[str, Any]]:
    """How far every checkpoint lies from its replay here."""
    work = _Work(request)
    found = [work.distance(i, work.state(i + 1)) for i in range(work.segments)]
    return [{"distance": distance, "matches": matches} for distance, matches in found]


def cheated(request: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """How far each cheat's claims lie from their replay here."""
    work = _Work(request)
    answer: dict[str, list[dict[str, Any]]] = {}
    for name, cheat in CHEATS.items():
        found = [work.distance(i, work.cheated(i, cheat)) for i in range(work.segments)]
        answer[name] = [{"distance": distance, "matches": matches} for distance, matches in found]
    return answer


def _states(work: _Work, seed: int) -> Iterator[State]:
    weights = initial_weights(work.architecture, seed)
    yield work.engine.start(weights)
    for segment in train(work.engine, work.spec, weights, work.split):
        yield segment.end


def main() -> int:
    """Serve until the pipe closes."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.bench.learning.segment_host", description=__doc__
    )
    parser.add_argument("--threads", type=int, default=1, help="threads of one TensorFlow operation")
    options = parser.parse_args()
    determinism.prepare(options.threads)
    serve({"run": run, "replayed": replayed, "cheated": cheated})
    return 0


if __name__ == "__main__":
    sys.exit(main())
