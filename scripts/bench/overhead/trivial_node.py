"""`ecodml node` with training that is one addition, so that a round's own cost shows; everything else is the product's.

TensorFlow is not even imported: the engine's model is replaced, and what would be computed with it is not asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from unittest.mock import MagicMock

import numpy as np

for heavy in ("tensorflow", "keras"):
    sys.modules[heavy] = MagicMock(__version__="none")

from fl_nodes.cli.__main__ import main  # noqa: E402
from fl_nodes.training import engine  # noqa: E402
from fl_nodes.training.data import Split  # noqa: E402
from fl_nodes.training.sequence import Batches  # noqa: E402
from fl_nodes.training.tensor_file import Array  # noqa: E402

CHANGE = np.float32(1e-3)


class TrivialEngine(engine.Engine):
    """A dense network's weights, moved a little by every segment; it predicts class 0."""

    def __init__(self, architecture: Mapping[str, Any], optimizer: str) -> None:  # noqa: ARG002
        self.architecture = architecture
        self.shapes = dense_shapes(architecture)
        self._slots = []
        self.is_warm = True

    def run(
        self, start: engine.State, split: Split, batches: Batches, learning_rate: float, dropout_seed: int
    ) -> engine.SegmentRun:
        """One addition. Each shard's is a little different: equal updates would look copied."""
        own = CHANGE * np.float32(1 + split.x.sum() % 1) + np.float32(
            learning_rate * 1e-6 * (dropout_seed % 997)
        )
        return engine.SegmentRun(
            engine.State([w + own for w in start.weights], []), 0.0, 0, len(batches.rows)
        )

    def predict(self, weights: Sequence[Array], split: Split) -> tuple[float, np.ndarray[Any, Any]]:  # noqa: ARG002
        """Class 0 for every row."""
        return 1.0, np.zeros(split.examples, np.int32)

    @staticmethod
    def stacked(
        start: Sequence[Array],  # noqa: ARG004
        steps: Sequence[Sequence[Array]],  # noqa: ARG004
    ) -> tuple[list[Any], list[Any]]:
        """Nothing: `losses` looks at neither."""
        return [], []

    def losses(
        self,
        start: Sequence[Any],  # noqa: ARG002
        steps: Sequence[Any],  # noqa: ARG002
        shares: np.ndarray[Any, Any],
        split: Split,  # noqa: ARG002
    ) -> np.ndarray[Any, Any]:
        """The more updates, the better: every update contributes."""
        better: np.ndarray[Any, Any] = (2.0 - shares.sum(axis=1)).astype(np.float32)
        return better


def dense_shapes(architecture: Mapping[str, Any]) -> list[tuple[int, ...]]:
    """The shapes of a dense network's kernels and biases, in Keras order."""
    widths = [architecture["input_shape"][0], *(layer["units"] for layer in architecture["layers"])]
    return [shape for n, m in pairwise(widths) for shape in ((n, m), (m,))]


if __name__ == "__main__":
    engine.Engine = TrivialEngine  # type: ignore[misc]
    sys.exit(main())
