"""One round's aggregation: a weighted mean that streams into one accumulator, then the server optimizer's step."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fl_nodes.aggregator.finalizer import Array, finalizer_for, keeps_state
from fl_nodes.errors import Refused
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.tasks import Aggregated, AggregateTask, WeightedUpdate
from fl_nodes.protocol.wire import from_wire
from fl_nodes.session import Call
from fl_nodes.training.tensors import (
    TensorsInvalid,
    Weights,
    added,
    finite,
    from_file,
    listed,
    mismatch,
    norm,
    numbered,
    to_file,
    weights_from_file,
    weights_to_file,
)


@dataclass(frozen=True)
class AggregatorWork:
    """What the aggregator needs."""

    objects: ObjectStore

    def aggregate(self, call: Call) -> Aggregated:
        """Fold the updates into the next global model and store it."""
        started = time.monotonic()
        task = from_wire(AggregateTask, call.payload)
        weights = weights_from_file(self.objects.fetch(task.model))
        mean = self._mean(task.updates, weights, call.check)
        state, after = self._apply(task, weights, mean)
        return Aggregated(
            model=self.objects.put(task.next_model, weights_to_file(after)),
            update_norm=norm(mean),
            seconds=time.monotonic() - started,
            state=self.objects.put(task.next_state, to_file(numbered("s", state))) if state else None,
        )

    def _mean(
        self, updates: tuple[WeightedUpdate, ...], weights: Weights, check: Callable[[], None]
    ) -> list[npt.NDArray[np.float64]]:
        """The updates' mean by weight; only one update is in memory at a time."""
        total = sum(u.weight for u in updates)
        if total <= 0 or any(u.weight < 0 for u in updates):
            raise Refused("aggregate.weights", "Updates need weights that are not negative and not all zero.")
        mean = [np.zeros(w.shape, np.float64) for w in weights]
        shapes = [w.shape for w in weights]
        for update in updates:
            check()
            arrays = listed("w", from_file(self.objects.fetch(update.update)))
            why = mismatch(arrays, shapes)
            if why or not finite(arrays):
                raise Refused(
                    "aggregate.update", f"The update {update.update.sha256[:12]} {why or 'is not finite'}."
                )
            for i, array in enumerate(arrays):
                mean[i] += np.multiply(array, update.weight / total, dtype=np.float64)
        return mean

    def _apply(
        self, task: AggregateTask, weights: Weights, mean: list[npt.NDArray[np.float64]]
    ) -> tuple[list[Array], Weights]:
        """The server optimizer's next state (empty where it keeps none) and the next weights."""
        stepped = [i for i in range(len(weights)) if i not in task.averaged]
        shapes = tuple(tuple(weights[i].shape) for i in stepped)
        finalizer = finalizer_for(task.server_optimizer, task.server_learning_rate, shapes)
        state = finalizer.initial_state()
        if task.state is not None:
            stored = listed("s", from_file(self.objects.fetch(task.state)))
            if [(a.shape, a.dtype) for a in stored] != [(a.shape, a.dtype) for a in state]:
                raise TensorsInvalid("the server optimizer's stored state does not fit it")
            state = stored
        next_state, next_weights = finalizer.step(
            state, [weights[i] for i in stepped], [mean[i] for i in stepped]
        )
        after = added(weights, mean)
        for place, i in enumerate(stepped):
            after[i] = next_weights[place]
        return (next_state if keeps_state(task.server_optimizer) else []), after
