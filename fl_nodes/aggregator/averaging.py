"""TensorFlow Federated's means with options: adaptive zeroing and clipping, and differential privacy with Gaussian noise.

TFF writes an aggregator as a federated computation. `get_map_reduce_form_for_computation` compiles it to a handful of TensorFlow
graphs (prepare, work, zero, accumulate, report, update), which are run here one update after the other: memory does not grow
with the number of updates, and no process is started. What TFF keeps between rounds is a list of arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow_federated as tff

from fl_nodes.aggregator.graphs import Graph, arrays

Array = npt.NDArray[Any]
Shapes = tuple[tuple[int, ...], ...]
Draw = Callable[[tuple[int, ...]], npt.NDArray[np.float32]]
"""Standard normal numbers of a shape."""

KEPT_AVERAGINGS = 4
LARGEST = 1e12
NUMBERS = "bifu"
"""Kinds of arrays that are remembered; TFF's names of privacy mechanisms are not."""
ADAPTATION_RATE = 0.2
"""A private clip changes by at most a factor exp(0.2) a round (Andrew et al. 2021, arXiv:1905.03871, section 2.1)."""


@dataclass(frozen=True)
class Options:
    """What is done to each update before the mean.

    `zeroing`: updates with a value far beyond any seen so far count as 0. `clipping`: updates are scaled down to an estimate of
    the 0.8 quantile of their lengths. Both as `tff.learning.robust_aggregator`, weighted by examples.
    `noise_multiplier` > 0: each update is scaled down to the length `clip`, the sum gets noise of `noise_multiplier * clip`
    and is divided by `participants`, all updates alike; with `adaptive` the clip follows the median length, privately.
    """

    zeroing: bool = False
    clipping: bool = False
    noise_multiplier: float = 0.0
    clip: float = 1.0
    adaptive: bool = False
    participants: int = 1

    @property
    def weighted(self) -> bool:
        """Whether weights count: with differential privacy they would let one node's data move the mean further."""
        return not self.noise_multiplier


@dataclass(frozen=True)
class _Compiled:
    """TFF's graphs for one round, and how their flat results are to be read.

    `constant` is TFF's initial state, of which only the `kept` leaves (numbers, no texts) are remembered between rounds;
    `measured` names the leaves after state and mean.
    """

    weighted: bool
    means: int
    constant: tuple[Array, ...]
    kept: tuple[int, ...]
    measured: tuple[str, ...]
    prepare: Graph
    work: Graph
    zero: Graph
    accumulate: Graph
    report: Graph
    update: Graph


class Averaging:
    """A mean with options over updates of these shapes."""

    def __init__(self, options: Options, shapes: Shapes) -> None:
        process = _process(options, tff.types.to_type([tff.TensorType(np.float32, s) for s in shapes]))
        federated = _round_of(process, options.weighted)
        initialize = tff.backends.mapreduce.get_state_initialization_computation(process.initialize)
        constant = tuple(arrays(Graph(initialize)([])))
        form = tff.backends.mapreduce.get_map_reduce_form_for_computation(federated)
        update = Graph(form.update)
        if not options.weighted and any(update.noise.count(s) < shapes.count(s) for s in shapes):
            raise RuntimeError("TFF's graph does not add noise to every array")
        self._compiled = _Compiled(
            weighted=options.weighted,
            means=len(shapes),
            constant=constant,
            kept=tuple(i for i, array in enumerate(constant) if array.dtype.kind in NUMBERS),
            measured=tuple(_leaf_names(federated.type_signature.result[1].member[1])),
            prepare=Graph(form.prepare),
            work=Graph(form.work),
            zero=Graph(form.zero),
            accumulate=Graph(form.accumulate),
            report=Graph(form.report),
            update=update,
        )

    def initial_state(self) -> list[Array]:
        """What is kept between rounds, before the first one."""
        return [self._compiled.constant[i] for i in self._compiled.kept]

    def start(self, state: Sequence[Array]) -> Round:
        """A round with the state that the round before left."""
        return Round(self._compiled, state)


class Round:
    """One round's mean: `add` every update, then `result`."""

    def __init__(self, compiled: _Compiled, state: Sequence[Array]) -> None:
        self._graphs = compiled
        self._state = list(compiled.constant)
        for i, array in zip(compiled.kept, state, strict=True):
            self._state[i] = array
        self._told = compiled.prepare(self._state)
        self._sum = compiled.zero([])

    @property
    def clip(self) -> float:
        """The length that updates are scaled down to in this round (with differential privacy)."""
        return float(self._told[0])

    def add(self, update: Sequence[Array], weight: float) -> None:
        """Add an update of finite float32 arrays; with differential privacy its weight is not used."""
        weights = [np.float32(weight)] if self._graphs.weighted else []
        part = self._graphs.work([*_shortened(update), *weights, *self._told])
        self._sum = self._graphs.accumulate([*self._sum, *part])

    def result(self, draw: Draw) -> tuple[list[npt.NDArray[np.float32]], list[Array], dict[str, float]]:
        """The mean, the state for the next round, and what TFF measured by name. `draw` gives what noise is needed."""
        graphs, states = self._graphs, len(self._state)
        noise = [draw(shape) for shape in graphs.update.noise]
        outputs = arrays(graphs.update([*self._state, *graphs.report(self._sum), *noise]))
        values = outputs[states + graphs.means :]
        measured = {name: float(value) for name, value in zip(graphs.measured, values, strict=True)}
        return outputs[states : states + graphs.means], [outputs[i] for i in graphs.kept], measured


def _shortened(update: Sequence[Array]) -> Sequence[Array]:
    """The update, or one in the same direction, still far longer than any clip, whose length float32 can hold: TFF would make
    NaN of every update's sum otherwise.
    """
    largest = max((float(np.abs(a).max()) for a in update if a.size), default=0.0)
    if largest <= LARGEST:
        return update
    return [np.multiply(a, LARGEST / largest, dtype=np.float32) for a in update]


@lru_cache(maxsize=KEPT_AVERAGINGS)
def averaging_for(options: Options, shapes: Shapes) -> Averaging:
    """The mean with these options, built at first use."""
    return Averaging(options, shapes)


def _process(options: Options, value: Any) -> Any:
    if options.weighted:
        factory = tff.learning.robust_aggregator(zeroing=options.zeroing, clipping=options.clipping)
        return factory.create(value, tff.TensorType(np.float32))
    private = tff.aggregators.DifferentiallyPrivateFactory
    nodes = float(options.participants)
    if options.adaptive:
        # The count of clipped updates gets noise of the same multiplier; TFF adds to the values' so that both together
        # cost what `noise_multiplier` alone would.
        factory = private.gaussian_adaptive(
            options.noise_multiplier,
            nodes,
            initial_l2_norm_clip=options.clip,
            learning_rate=ADAPTATION_RATE,
            clipped_count_stddev=options.noise_multiplier,
        )
    else:
        factory = private.gaussian_fixed(options.noise_multiplier, nodes, options.clip)
    return factory.create(value)


def _round_of(process: Any, weighted: bool) -> Any:
    """One round of an aggregation process in the form `(state, client data) -> (state, output)`."""
    state = process.initialize.type_signature.result
    value, *weight = process.next.type_signature.parameter[1:]
    member = [value.member, weight[0].member] if weighted else value.member

    @tff.federated_computation(state, tff.FederatedType(member, tff.CLIENTS))
    def run(before: Any, data: Any) -> Any:
        given = (data[0], data[1]) if weighted else (data,)
        done = process.next(before, *given)
        return done.state, tff.federated_zip((done.result, done.measurements))

    return run


def _leaf_names(kind: Any, name: str = "") -> list[str]:
    """The innermost field's name of each leaf of a TFF type."""
    if isinstance(kind, tff.StructType):
        return [
            leaf for inner, of in tff.structure.to_elements(kind) for leaf in _leaf_names(of, inner or name)
        ]
    return [name]
