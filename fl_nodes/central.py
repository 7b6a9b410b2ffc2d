"""`python -m fl_nodes.central --train FILE... --test FILE --spec JSON`: the yardstick for federated training.

Trains the same model in one place on the union of the shards, with as many passes, and prints its test metrics as JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fl_nodes.protocol.operator_tasks import Metrics
from fl_nodes.protocol.tasks import TrainingSpec
from fl_nodes.protocol.wire import WireError, from_wire, to_wire
from fl_nodes.training import determinism
from fl_nodes.training.data import Split, read_split

EXIT_REFUSED = 2


@dataclass(frozen=True)
class CentralSpec:
    """What to train: `passes` over all rows, from the initial weights that `seed` gives."""

    architecture: dict[str, Any]
    optimizer: str
    learning_rate: float
    batch_size: int
    passes: int
    seed: int


def train_centrally(spec: CentralSpec, shards: Sequence[Split], test: Split) -> Metrics:
    """Test metrics of the model trained on all shards together."""
    from fl_nodes.training.engine import engine_for, initial_weights
    from fl_nodes.training.scoring import measure
    from fl_nodes.training.trainer import train

    union = Split(np.concatenate([s.x for s in shards]), np.concatenate([s.y for s in shards]))
    steps = 64
    sequence = TrainingSpec(
        spec.optimizer, spec.learning_rate, spec.batch_size, spec.passes, steps, spec.seed
    )
    engine = engine_for(spec.architecture, spec.optimizer)
    weights = initial_weights(spec.architecture, spec.seed)
    for segment in train(engine, sequence, weights, union):
        weights = segment.end.weights
    return measure(engine, weights, test, int(spec.architecture["classes"]))


def main() -> int:
    """Run; exit code 2 where the specification does not fit."""
    parser = argparse.ArgumentParser(prog="python -m fl_nodes.central", description=__doc__)
    parser.add_argument(
        "--train", required=True, nargs="+", type=Path, metavar="FILE", help="shards (safetensors)"
    )
    parser.add_argument("--test", required=True, type=Path, metavar="FILE", help="test split (safetensors)")
    parser.add_argument("--spec", required=True, metavar="JSON", help="CentralSpec as JSON")
    options = parser.parse_args()
    try:
        spec = from_wire(CentralSpec, json.loads(options.spec))
    except (ValueError, WireError) as error:
        sys.stderr.write(f"--spec does not fit: {error}.\n")
        return EXIT_REFUSED
    determinism.prepare()
    shards = [read_split(path.read_bytes(), spec.architecture) for path in options.train]
    test = read_split(options.test.read_bytes(), spec.architecture)
    print(json.dumps(to_wire(train_centrally(spec, shards, test))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
