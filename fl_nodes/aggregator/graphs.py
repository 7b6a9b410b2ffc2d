"""TensorFlow graphs taken out of what TensorFlow Federated built, and run in this process.

TFF's own executor starts a `worker_binary` that listens on every interface without authentication and outlives its parent.
Where TFF puts a step into one TensorFlow graph, that graph is taken out of the computation and run here, which is also ten
times quicker than the detour over gRPC.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_federated as tff

NORMAL = "RandomStandardNormal"


class Graph:
    """A computation's one graph, from flat arguments to flat results, in the order of the leaves of TFF's types.

    What TFF would draw as standard normal noise becomes a further argument: TensorFlow seeds its own draws with 32 bits,
    few enough to try them all. `noise` holds the shapes of these arguments, which come last.
    """

    def __init__(self, computation: Any) -> None:
        body = _compiled(computation).proto.tensorflow
        definition = tf.compat.v1.GraphDef()
        body.graph_def.Unpack(definition)
        drawn = _drawn(definition)
        arguments, results = _leaves(body.parameter), _leaves(body.result)
        whole = tf.compat.v1.wrap_function(lambda: tf.import_graph_def(definition, name=""), [])
        self.noise = tuple(tuple(whole.graph.get_tensor_by_name(name).shape) for name in drawn)
        self.arguments = len(arguments) + len(drawn)
        self._run = whole.prune([*arguments, *drawn], results)

    def __call__(self, values: Sequence[Any]) -> list[Any]:
        """Results as TensorFlow tensors; arrays and tensors are taken."""
        return list(self._run(*[tf.convert_to_tensor(v) for v in values]))


def forgo_executor() -> None:
    """Let go of the executor that TFF makes when it is imported: kept to a process's end, it complains there."""
    tff.framework.set_default_context(_NoExecutor())


class _NoExecutor(tff.framework.SyncContext):
    def invoke(self, comp: Any, arg: Any) -> Any:  # noqa: ARG002 - TFF's names
        raise RuntimeError("TFF computations are not run by TFF here: see Graph")


def arrays(tensors: Sequence[Any]) -> list[Any]:
    """Tensors as numpy arrays."""
    return [np.asarray(t.numpy()) for t in tensors]


def _compiled(computation: Any) -> Any:
    found: list[Any] = []

    def look(block: Any) -> tuple[Any, bool]:
        if isinstance(block, tff.framework.CompiledComputation):
            found.append(block)
        return block, False

    tff.framework.transform_postorder(computation.to_building_block(), look)
    if len(found) != 1:
        raise RuntimeError(f"expected one TensorFlow graph in TFF's computation, found {len(found)}")
    return found[0]


def _drawn(definition: Any) -> list[str]:
    """Tensors that standard normal draws give; RuntimeError for any other randomness, which nobody would replace."""
    inner = [node for function in definition.library.function for node in function.node_def]
    strange = [n.op for n in inner if "Random" in n.op]
    strange += [n.op for n in definition.node if "Random" in n.op and n.op != NORMAL]
    if strange:
        raise RuntimeError(f"TFF's graph draws random numbers by {strange[0]}, which cannot be replaced")
    return [f"{n.name}:0" for n in definition.node if n.op == NORMAL]


def _leaves(binding: Any) -> list[str]:
    """Tensor names in the order of the type's leaves."""
    if binding.HasField("struct"):
        return [name for element in binding.struct.element for name in _leaves(element)]
    return [binding.tensor.tensor_name] if binding.HasField("tensor") else []
