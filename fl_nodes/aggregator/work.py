"""One round's aggregation: the updates folded into one, then the server optimizer's step."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fl_nodes.aggregator.averaging import averaging_for
from fl_nodes.aggregator.combining import Updates, combined, options_of
from fl_nodes.aggregator.finalizer import Array, finalizer_for, keeps_state
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.operator_tasks import Aggregated, AggregateTask
from fl_nodes.protocol.tasks import ObjectRef
from fl_nodes.protocol.wire import from_wire
from fl_nodes.session import Call
from fl_nodes.training.tensors import (
    TensorsInvalid,
    Weights,
    added,
    from_file,
    listed,
    norm,
    numbered,
    to_file,
    weights_from_file,
    weights_to_file,
)


@dataclass
class AggregatorWork:
    """What the aggregator needs, and the model it made last, which the next round starts from.

    `folder` takes updates that a rule needs all at once, by default where the system keeps temporary files.
    """

    objects: ObjectStore
    folder: Path | None = None
    _made: tuple[str, Weights] = ("", [])

    def aggregate(self, call: Call) -> Aggregated:
        """Fold the updates into the next global model and store it."""
        started = time.monotonic()
        task = from_wire(AggregateTask, call.payload)
        weights = self._weights(task.model)
        kept = from_file(self.objects.fetch(task.state)) if task.state is not None else None
        shapes = tuple(tuple(w.shape) for w in weights)
        updates = Updates(self.objects, task, shapes, call.check)
        done = combined(updates, self.folder, self._averaging_state(task, shapes, kept))
        optimizer_state, after = self._step(task, weights, done.update, kept)
        state = numbered("s", optimizer_state) | numbered("a", done.state)
        model = self.objects.put(task.next_model, weights_to_file(after))
        self._made = (model.sha256, after)
        return Aggregated(
            model=model,
            update_norm=norm(done.update),
            seconds=time.monotonic() - started,
            state=self.objects.put(task.next_state, to_file(state)) if state else None,
            shares=done.shares,
            measured=done.measured,
            privacy=done.privacy,
        )

    def _weights(self, model: ObjectRef) -> Weights:
        sha256, weights = self._made
        return weights if sha256 == model.sha256 else weights_from_file(self.objects.fetch(model))

    @staticmethod
    def _averaging_state(
        task: AggregateTask, shapes: tuple[tuple[int, ...], ...], kept: dict[str, Any] | None
    ) -> list[Array] | None:
        options = options_of(task)
        if kept is None or options is None:
            return None
        return _fitting("a", kept, averaging_for(options, shapes).initial_state())

    @staticmethod
    def _step(
        task: AggregateTask,
        weights: Weights,
        update: Sequence[npt.NDArray[np.float64]],
        kept: dict[str, Any] | None,
    ) -> tuple[list[Array], Weights]:
        """The server optimizer's next state (empty where it keeps none) and the next weights."""
        if task.server_optimizer == "sgd" and task.server_learning_rate == 1.0:
            return [], added(weights, update)  # to the bit what TFF's step is then
        stepped = [i for i in range(len(weights)) if i not in task.averaged]
        shapes = tuple(tuple(weights[i].shape) for i in stepped)
        finalizer = finalizer_for(task.server_optimizer, task.server_learning_rate, shapes)
        state = finalizer.initial_state()
        if kept is not None and keeps_state(task.server_optimizer):
            state = _fitting("s", kept, state)
        next_state, next_weights = finalizer.step(
            state, [weights[i] for i in stepped], [update[i] for i in stepped]
        )
        after = added(weights, update)
        for place, i in enumerate(stepped):
            after[i] = next_weights[place]
        return (next_state if keeps_state(task.server_optimizer) else []), after


def _fitting(prefix: str, kept: dict[str, Any], like: Sequence[Array]) -> list[Array]:
    """The arrays of a prefix, if they have the shapes and types of `like`; raises TensorsInvalid."""
    stored = listed(prefix, kept)
    if [(a.shape, a.dtype) for a in stored] != [(a.shape, a.dtype) for a in like]:
        raise TensorsInvalid("the aggregator's stored state does not fit it")
    return stored
