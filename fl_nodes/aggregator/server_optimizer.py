"""Server optimizers by TensorFlow Federated: the mean update is applied as a pseudo-gradient (Reddi et al. 2021, arXiv:2003.00295)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

from fl_nodes.training.tensors import Array, Weights

MOMENTUM = 0.9


class UnknownOptimizer(ValueError):
    """No server optimizer has that name."""


class ServerOptimizer:
    """A TFF finalizer for weights of fixed shapes. Sgd keeps no state."""

    def __init__(self, name: str, learning_rate: float, shapes: tuple[tuple[int, ...], ...]) -> None:
        self.keeps_state = name != "sgd"
        trainable = [tff.TensorType(np.float32, shape) for shape in shapes]
        weights_type = tff.types.to_type(tff.learning.models.ModelWeights(trainable, []))
        self._process = tff.learning.templates.build_apply_optimizer_finalizer(_optimizer(name, learning_rate), weights_type)
        self._fresh = self._process.initialize()

    def apply(self, weights: Weights, update: Weights, state: list[Array] | None) -> tuple[Weights, list[Array]]:
        """Weights after the update, and the optimizer's state as arrays (empty where it keeps none)."""
        before = self._fresh if state is None else tf.nest.pack_sequence_as(self._fresh, state)
        output = self._process.next(before, tff.learning.models.ModelWeights(weights, []), update)
        after = [np.asarray(array, np.float32) for array in output.result.trainable]
        kept = [np.asarray(leaf) for leaf in tf.nest.flatten(output.state)] if self.keeps_state else []
        return after, kept


@lru_cache(maxsize=8)
def server_optimizer(name: str, learning_rate: float, shapes: tuple[tuple[int, ...], ...]) -> ServerOptimizer:
    """The optimizer for these shapes; building one takes seconds, so the last few are kept."""
    return ServerOptimizer(name, learning_rate, shapes)


def _optimizer(name: str, learning_rate: float) -> Any:
    if name == "sgd":
        return tff.learning.optimizers.build_sgdm(learning_rate)
    if name == "momentum":
        return tff.learning.optimizers.build_sgdm(learning_rate, momentum=MOMENTUM)
    if name == "adam":
        return tff.learning.optimizers.build_adam(learning_rate)
    raise UnknownOptimizer(f"there is no server optimizer {name!r}")
