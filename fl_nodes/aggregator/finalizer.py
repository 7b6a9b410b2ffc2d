"""TensorFlow Federated's server optimizer step, run inside this process.

TFF's own executor starts a `worker_binary` that listens on every interface without authentication and outlives its parent.
`build_apply_optimizer_finalizer` puts the whole step into one TensorFlow graph; that graph is taken out of the computation
TFF built and run here, which is also ten times quicker than the detour over gRPC.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
import tensorflow_federated as tff

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
        self._initialize = _graph_of(process.initialize)
        self._next = _graph_of(process.next)
        self._weights = len(shapes)

    def initial_state(self) -> list[Array]:
        """The state before the first round."""
        state: list[Array] = self._initialize([])
        return state

    def step(
        self, state: Sequence[Array], weights: Sequence[Array], mean_update: Sequence[Array]
    ) -> tuple[list[Array], list[npt.NDArray[np.float32]]]:
        """The next state and weights. `mean_update` is a change to apply; TFF's optimizers take the gradient, its negative."""
        gradient = [np.negative(u, dtype=np.float32) for u in mean_update]
        outputs = self._next([*state, *weights, *gradient])
        after = len(state) + self._weights
        return outputs[: len(state)], [np.asarray(w, np.float32) for w in outputs[len(state) : after]]


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


def _graph_of(computation: Any) -> Any:
    """The one TensorFlow graph inside a computation, as a function from flat arguments to flat results."""
    found: list[Any] = []

    def look(block: Any) -> tuple[Any, bool]:
        if isinstance(block, tff.framework.CompiledComputation):
            found.append(block)
        return block, False

    tff.framework.transform_postorder(computation.to_building_block(), look)
    if len(found) != 1:
        raise RuntimeError(f"expected one TensorFlow graph in TFF's finalizer, found {len(found)}")
    body = found[0].proto.tensorflow
    graph = tf.compat.v1.GraphDef()
    body.graph_def.Unpack(graph)
    arguments, results = _leaves(body.parameter), _leaves(body.result)
    whole = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(graph, name=""), [])
    pruned = whole.prune(arguments, results)

    def run(values: Sequence[Array]) -> list[Array]:
        outputs = pruned(*[tf.convert_to_tensor(v) for v in values])
        return [output.numpy() for output in outputs]

    return run


def _leaves(binding: Any) -> list[str]:
    """Tensor names in the order of the type's leaves."""
    if binding.HasField("struct"):
        return [name for element in binding.struct.element for name in _leaves(element)]
    return [binding.tensor.tensor_name] if binding.HasField("tensor") else []
