"""TensorFlow Federated's server optimizer step, run inside this process (`graphs`)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow_federated as tff

from fl_nodes.aggregator.graphs import Graph, arrays
from fl_nodes.errors import Refused

Array = npt.NDArray[np.generic]
Shapes = tuple[tuple[int, ...], ...]

MOMENTUM = 0.9
KEPT_FINALIZERS = 8


class Finalizer:
    """The server optimizer for weights of these shapes. Its state is a list of arrays in TFF's own order."""

    def __init__(self, optimizer: str, learning_rate: float, shapes: Shapes) -> None:
        trainable = [tff.TensorType(np.float32, shape) for shape in shapes]
        weights_type = tff.types.to_type(tff.learning.models.ModelWeights(trainable, []))
        process = tff.learning.templates.build_apply_optimizer_finalizer(
            _optimizer(optimizer, learning_rate), weights_type
        )
        self._initialize = Graph(process.initialize)
        self._next = Graph(process.next)
        self._weights = len(shapes)

    def initial_state(self) -> list[Array]:
        """The state before the first round."""
        return arrays(self._initialize([]))

    def step(
        self, state: Sequence[Array], weights: Sequence[Array], mean_update: Sequence[Array]
    ) -> tuple[list[Array], list[npt.NDArray[np.float32]]]:
        """The next state and weights. `mean_update` is a change to apply; TFF's optimizers take the gradient, its negative."""
        gradient = [np.negative(u, dtype=np.float32) for u in mean_update]
        outputs = arrays(self._next([*state, *weights, *gradient])[: len(state) + self._weights])
        return outputs[: len(state)], [np.asarray(w, np.float32) for w in outputs[len(state) :]]


@lru_cache(maxsize=KEPT_FINALIZERS)
def finalizer_for(optimizer: str, learning_rate: float, shapes: Shapes) -> Finalizer:
    """The finalizer for these settings, built at first use."""
    return Finalizer(optimizer, learning_rate, shapes)


def keeps_state(optimizer: str) -> bool:
    """Whether an optimizer remembers anything between rounds besides its settings."""
    return optimizer != "sgd"


def _optimizer(name: str, learning_rate: float) -> Any:
    if name == "sgd":
        return tff.learning.optimizers.build_sgdm(learning_rate)
    if name == "momentum":
        return tff.learning.optimizers.build_sgdm(learning_rate, MOMENTUM)
    if name == "adam":
        return tff.learning.optimizers.build_adam(learning_rate)
    raise Refused(
        "aggregate.optimizer", f"There is no server optimizer {name!r}; choose sgd, momentum or adam."
    )
