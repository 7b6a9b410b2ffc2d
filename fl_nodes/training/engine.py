"""One Keras model and optimizer kept warm per architecture: a segment is a single call into a compiled graph."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from fl_nodes.protocol.architecture import to_keras_config
from fl_nodes.protocol.hashing import canonical_json, derive_seed
from fl_nodes.training.data import Split
from fl_nodes.training.sequence import Batches
from fl_nodes.training.tensors import (
    Array,
    TensorsInvalid,
    Weights,
    from_file,
    listed,
    mismatch,
    numbered,
    to_file,
)

EVALUATION_ROWS = 4096
KEPT_ENGINES = 4


@dataclass(frozen=True)
class State:
    """A point of the training: weights in Keras order, and the optimizer's variables without its learning rate."""

    weights: Weights
    optimizer: list[Array]

    def to_file(self) -> bytes:
        """A checkpoint file: `w...` weights, `o...` optimizer."""
        return to_file(numbered("w", self.weights) | numbered("o", self.optimizer))


@dataclass(frozen=True)
class SegmentRun:
    """The end of a segment and its training metrics, before each step."""

    end: State
    loss_sum: float
    correct: int
    examples: int


def build_model(architecture: Mapping[str, Any], softmax: bool = False) -> Any:
    """A Keras model of an architecture, giving logits, or probabilities with `softmax`."""
    return keras.Sequential.from_config(to_keras_config(architecture, softmax))


def initial_weights(architecture: Mapping[str, Any], seed: int) -> Weights:
    """Freshly initialised weights, the same for the same seed."""
    keras.utils.set_random_seed(seed)
    return _copies(build_model(architecture).weights)


def engine_for(architecture: Mapping[str, Any], optimizer: str) -> Engine:
    """The engine of this architecture and optimizer, built at first use."""
    return _engine(canonical_json(architecture).decode(), optimizer)


@lru_cache(maxsize=KEPT_ENGINES)
def _engine(architecture: str, optimizer: str) -> Engine:
    return Engine(json.loads(architecture), optimizer)


def _optimizer(name: str) -> Any:
    if name == "sgd":
        return keras.optimizers.SGD()
    if name == "momentum":
        return keras.optimizers.SGD(momentum=0.9)
    if name == "adam":
        return keras.optimizers.Adam()
    if name == "rmsprop":
        return keras.optimizers.RMSprop()
    raise TensorsInvalid(f"there is no optimizer {name!r}")


class Engine:
    """A model with its optimizer. Not for several threads at once."""

    def __init__(self, architecture: Mapping[str, Any], optimizer: str) -> None:
        self.architecture = architecture
        self._model = build_model(architecture)
        self._optimizer = _optimizer(optimizer)
        self._optimizer.build(self._model.trainable_variables)
        rate = self._optimizer.learning_rate
        self._slots = [v for v in self._optimizer.variables if v is not rate]
        self._generators = _seed_generators(self._model)
        rows = (None, *architecture["input_shape"])
        x, y, ints = (
            tf.TensorSpec(rows, tf.float32),
            tf.TensorSpec((None,), tf.int32),
            tf.TensorSpec((None,), tf.int32),
        )
        self._run = tf.function(self._run_graph, input_signature=[x, y, ints, ints])
        self._predict = tf.function(self._predict_graph, input_signature=[x, y])
        self.shapes = [tuple(w.shape) for w in self._model.weights]
        start = [tf.TensorSpec(shape, tf.float32) for shape in self.shapes]
        steps = [tf.TensorSpec((None, *shape), tf.float32) for shape in self.shapes]
        shares = tf.TensorSpec((None, None), tf.float32)
        self._losses = tf.function(self._losses_graph, input_signature=[start, steps, shares, x, y])
        self.is_warm = False
        self._trained = [any(w is t for t in self._model.trainable_variables) for w in self._model.weights]

    def warm_up(self, split: Split) -> None:
        """Make the program that trains, by a segment without steps: it leaves no trace but the time it took."""
        x, y = split.on_device
        self._run(x, y, np.zeros(0, np.int32), np.zeros(1, np.int32))
        self.is_warm = True

    def start(self, weights: Sequence[Array]) -> State:
        """The state before the first step: these weights, a fresh optimizer."""
        fresh = [np.zeros(tuple(v.shape), np.dtype(v.dtype)) for v in self._slots]
        return State([np.asarray(w, np.float32) for w in weights], fresh)

    def read_state(self, data: bytes) -> State:
        """A checkpoint's file; raises TensorsInvalid unless it fits this model and optimizer."""
        arrays = from_file(data)
        weights, slots = listed("w", arrays), listed("o", arrays)
        why = mismatch(weights, self.shapes)
        wanted = [(tuple(v.shape), np.dtype(v.dtype)) for v in self._slots]
        if not why and [(a.shape, a.dtype) for a in slots] != wanted:
            why = "its optimizer state does not fit the optimizer"
        if why:
            raise TensorsInvalid(why)
        return State([w.astype(np.float32, copy=False) for w in weights], slots)

    def run(
        self, start: State, split: Split, batches: Batches, learning_rate: float, dropout_seed: int
    ) -> SegmentRun:
        """Run one segment from `start`."""
        self._optimizer.learning_rate.assign(learning_rate)
        self._set(self._model.weights, start.weights)
        self._set(self._slots, start.optimizer)
        for i, generator in enumerate(self._generators):
            generator.state.assign(np.array([derive_seed(dropout_seed, i), 0], generator.state.dtype))
        x, y = split.on_device
        loss, correct = self._run(x, y, batches.rows, batches.bounds)
        end = State(_copies(self._model.weights), _copies(self._slots))
        return SegmentRun(end, float(loss), int(correct), len(batches.rows))

    def predict(self, weights: Sequence[Array], split: Split) -> tuple[float, npt.NDArray[np.int32]]:
        """Mean cross-entropy and the predicted class of every row."""
        self._set(self._model.weights, weights)
        x, y = split.on_device
        loss, predicted = 0.0, []
        for first in range(0, split.examples, EVALUATION_ROWS):
            last = first + EVALUATION_ROWS
            part, classes = self._predict(x[first:last], y[first:last])
            loss += float(part)
            predicted.append(classes.numpy())
        return loss / split.examples, np.concatenate(predicted)

    @staticmethod
    def stacked(start: Sequence[Array], steps: Sequence[Sequence[Array]]) -> tuple[list[Any], list[Any]]:
        """Weights and several steps from them, as `losses` takes them."""
        origin = [tf.convert_to_tensor(array, tf.float32) for array in start]
        return origin, [tf.convert_to_tensor(np.stack(arrays)) for arrays in zip(*steps, strict=True)]

    def losses(
        self, start: Sequence[Any], steps: Sequence[Any], shares: npt.NDArray[np.float32], split: Split
    ) -> npt.NDArray[np.float32]:
        """Mean cross-entropy of `start` plus each row of `shares` times `steps` (stacked), on a split small enough for one batch.

        One call for all: on few rows a call costs more than what it computes.
        """
        found: npt.NDArray[np.float32] = self._losses(start, steps, shares, *split.on_device).numpy()
        return found

    @staticmethod
    def _set(variables: Sequence[Any], values: Sequence[Array]) -> None:
        for variable, value in zip(variables, values, strict=True):
            variable.assign(value)

    def _run_graph(self, x: Any, y: Any, rows: Any, bounds: Any) -> Any:
        loss_sum, correct = tf.constant(0.0), tf.constant(0, tf.int64)
        for i in tf.range(tf.shape(bounds)[0] - 1):
            batch = rows[bounds[i] : bounds[i + 1]]
            inputs, labels = tf.gather(x, batch), tf.gather(y, batch)
            with tf.GradientTape() as tape:
                logits = self._model(inputs, training=True)
                losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
                loss = tf.reduce_mean(losses)
            gradients = tape.gradient(loss, [v.value for v in self._model.trainable_variables])
            self._optimizer.apply(gradients, self._model.trainable_variables)
            loss_sum += tf.reduce_sum(losses)
            correct += tf.math.count_nonzero(
                tf.equal(tf.argmax(logits, axis=1, output_type=tf.int32), labels)
            )
        return loss_sum, correct

    def _predict_graph(self, x: Any, y: Any) -> Any:
        logits = self._model(x, training=False)
        loss = tf.reduce_sum(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
        return loss, tf.argmax(logits, axis=1, output_type=tf.int32)

    def _losses_graph(self, start: Any, steps: Any, shares: Any, x: Any, y: Any) -> Any:
        losses = tf.TensorArray(tf.float32, tf.shape(shares)[0])
        for i in tf.range(tf.shape(shares)[0]):
            for variable, origin, step in zip(self._model.weights, start, steps, strict=True):
                variable.assign(origin + tf.tensordot(shares[i], step, 1))
            logits = self._model(x, training=False)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
            losses = losses.write(i, loss)
        return losses.stack()


def _copies(variables: Sequence[Any]) -> list[Any]:
    return [np.array(variable.value.numpy()) for variable in variables]


def _seed_generators(model: Any) -> list[Any]:
    found = []
    for layer in model.layers:
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            found.append(generator)
    return found
