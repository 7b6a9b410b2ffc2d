"""A round's updates folded into one: by a rule, or by TensorFlow Federated's mean with options."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.errors import Invalid
from backend.federated.mean import NotFinite, WeightedMean
from backend.federated.rules import Rule, combine
from fl_nodes.aggregator.averaging import Averaging, Options, averaging_for
from fl_nodes.aggregator.noise import SEED_BYTES, Noise
from fl_nodes.aggregator.privacy import REPLACED, epsilon
from fl_nodes.aggregator.update_files import Float32s, Spool, arrays_of
from fl_nodes.errors import Refused
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.operator_tasks import AggregateTask, PrivacySpent, PrivacyTerms
from fl_nodes.protocol.tasks import ObjectRef
from fl_nodes.training.tensors import TensorsInvalid

Array = npt.NDArray[Any]
Shapes = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Combined:
    """`update` in the model's shapes, float64; `state` is what TFF keeps for the next round."""

    update: list[npt.NDArray[np.float64]]
    shares: tuple[float, ...] = ()
    state: list[Array] = field(default_factory=list)
    measured: dict[str, float] = field(default_factory=dict)
    privacy: PrivacySpent | None = None


@dataclass(frozen=True)
class Updates:
    """The task's updates, fetched one after the other, the next while one is worked on; `check` is called before each."""

    objects: ObjectStore
    task: AggregateTask
    shapes: Shapes
    check: Callable[[], None]

    def __iter__(self) -> Iterator[tuple[list[Float32s], int]]:
        """Each update's arrays and weight. Refused `aggregate.update` where the form is wrong."""
        with ThreadPoolExecutor(1, "fetch") as fetching:
            coming: list[Future[list[Float32s]]] = []
            for place, update in enumerate(self.task.updates):
                self.check()
                coming.extend(
                    fetching.submit(self.read, u.update)
                    for u in self.task.updates[place + len(coming) : place + 2]
                )
                yield coming.pop(0).result(), update.weight

    def read(self, ref: ObjectRef) -> list[Float32s]:
        """One update's arrays; values may still not be finite."""
        try:
            return arrays_of(self.objects.fetch(ref), self.shapes)
        except TensorsInvalid as error:
            raise _refused(ref, str(error)) from error

    def refuse_not_finite(self) -> None:
        """Name the first update that is not finite."""
        for update in self.task.updates:
            if not all(np.isfinite(a).all() for a in self.read(update.update)):
                raise _refused(update.update, "is not finite")


def combined(updates: Updates, folder: Path | None, state: Sequence[Array] | None) -> Combined:
    """Fold the updates by the task's rule; `folder` is for updates that a rule needs all at once.

    Refused `aggregate.update`, and with the codes of `backend.federated`.
    """
    task = updates.task
    try:
        rule = Rule(task.rule)
    except ValueError as error:
        raise Refused("aggregate.rule", f"There is no aggregation rule {task.rule!r}.") from error
    options = options_of(task)
    if options and rule is not Rule.MEAN:
        raise Refused("aggregate.rule", "Zeroing, clipping and differential privacy go with the mean only.")
    try:
        if options:
            return _averaged(updates, averaging_for(options, updates.shapes), state)
        if rule is Rule.MEAN:
            return _mean(updates)
        return _ruled(updates, rule, folder)
    except NotFinite:
        updates.refuse_not_finite()
        raise
    except Invalid as invalid:
        raise Refused(invalid.code, invalid.message) from invalid


def options_of(task: AggregateTask) -> Options | None:
    """TFF's part in the mean, None for a plain one."""
    terms = task.privacy
    if terms is not None:
        if task.zeroing or task.clipping:
            raise Refused(
                "aggregate.privacy", "Adaptive zeroing and clipping look at updates without privacy."
            )
        if len(task.updates) > terms.participants:
            raise Refused("aggregate.privacy", "There are more updates than nodes the noise was made for.")
        return Options(
            noise_multiplier=terms.noise_multiplier,
            clip=terms.clip,
            adaptive=terms.adaptive,
            participants=terms.participants,
        )
    return Options(zeroing=task.zeroing, clipping=task.clipping) if task.zeroing or task.clipping else None


def _mean(updates: Updates) -> Combined:
    weights = [u.weight for u in updates.task.updates]
    mean = WeightedMean(updates.shapes, sum(weights))
    for arrays, weight in updates:
        mean.add(arrays, weight)
    return Combined(mean.result(), tuple(w / sum(weights) for w in weights))


def _averaged(updates: Updates, averaging: Averaging, state: Sequence[Array] | None) -> Combined:
    weights = [u.weight for u in updates.task.updates]
    if min(weights) < 0 or not sum(weights) > 0:
        raise Refused("aggregate.weights", "Updates need weights that are not negative and not all zero.")
    running = averaging.start(averaging.initial_state() if state is None else state)
    for arrays, weight in updates:
        if not all(np.isfinite(a).all() for a in arrays):
            raise NotFinite
        running.add(arrays, weight)
    mean, after, measured = running.result(Noise(secrets.token_bytes(SEED_BYTES)))
    terms = updates.task.privacy
    return Combined(
        [m.astype(np.float64) for m in mean],
        state=after,
        measured={} if terms else measured,
        privacy=_spent(terms, updates.task.round, running.clip) if terms else None,
    )


def _ruled(updates: Updates, rule: Rule, folder: Path | None) -> Combined:
    task, shapes = updates.task, updates.shapes
    sizes = [int(np.prod(s)) for s in shapes]
    root = None
    if task.root_update is not None:
        read = updates.read(task.root_update)
        if not all(np.isfinite(a).all() for a in read):
            raise _refused(task.root_update, "is not finite")
        root = np.concatenate([a.reshape(-1) for a in read])
    with Spool(folder, sum(sizes)) as spool:
        for place, (arrays, _) in enumerate(updates):
            try:
                spool.add(arrays)
            except TensorsInvalid as error:
                raise _refused(task.updates[place].update, str(error)) from error
        done = combine(rule, spool, [u.weight for u in task.updates], task.tolerated, root)
    pieces = np.split(done.update, np.cumsum(sizes)[:-1])
    return Combined([p.reshape(s) for p, s in zip(pieces, shapes, strict=True)], done.shares)


def _spent(terms: PrivacyTerms, rounds: int, clip: float) -> PrivacySpent:
    return PrivacySpent(
        epsilon=epsilon(terms.noise_multiplier, rounds, terms.delta),
        row_epsilon=epsilon(terms.noise_multiplier, rounds, terms.delta, REPLACED),
        delta=terms.delta,
        noise_multiplier=terms.noise_multiplier,
        clip=clip,
        rounds=rounds,
    )


def _refused(ref: ObjectRef, why: str) -> Refused:
    return Refused("aggregate.update", f"The update {ref.sha256[:12]} {why}.")
