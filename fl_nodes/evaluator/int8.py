"""The model in 8-bit integers, weights and activations alike, as a TensorFlow Lite file (Jacob et al. 2018, arXiv:1712.05877).

What goes in and what comes out stays float32, so that the file is used like the others: one step at each end converts.
"""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from fl_nodes.training.tensors import Array

CALIBRATION_ROWS = 200
"""Rows that are run through the model to find the range of every activation."""

BATCH_ROWS = 256
LONGEST_REASON = 200


class Unconvertible(Exception):
    """Why there is no such file of this model: one sentence without its full stop."""


def to_int8(model: Any, rows: Array) -> bytes:
    """The file. `rows` [n, *input_shape] calibrate it. Raises Unconvertible, also where a step would stay in floating point."""
    if not all(np.isfinite(w).all() for w in model.get_weights()):
        raise Unconvertible("its weights are not finite")
    if not len(rows):
        raise Unconvertible("there are no rows to calibrate it with")
    chosen = rows[np.unique(np.linspace(0, len(rows) - 1, CALIBRATION_ROWS).astype(int))]
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([row[None]] for row in chosen)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    try:
        with warnings.catch_warnings(), _quiet():
            warnings.simplefilter("ignore")
            made = bytes(converter.convert())
            left = _in_floating_point(made)
    # It raises anything, and the customer's other files do not depend on it.
    except Exception as error:
        said = " ".join(str(error).split())[:LONGEST_REASON]
        raise Unconvertible(f"TensorFlow Lite cannot convert it: {type(error).__name__} {said}") from error
    if left:
        raise Unconvertible(f"TensorFlow Lite has no 8-bit form of {', '.join(left)}")
    return made


def to_float32(model: Any) -> bytes:
    """The model as it is, for the same interpreter. Raises Unconvertible."""
    try:
        with warnings.catch_warnings(), _quiet():
            warnings.simplefilter("ignore")
            return bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    # As above: nothing else depends on it.
    except Exception as error:
        raise Unconvertible(f"TensorFlow Lite cannot convert it: {type(error).__name__}") from error


def classes_by(tflite: bytes, rows: Array) -> npt.NDArray[np.int32]:
    """The class that the file names for every row."""
    interpreter = interpreter_of(tflite)
    given, made = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    named = []
    for first in range(0, len(rows), BATCH_ROWS):
        part = rows[first : first + BATCH_ROWS]
        interpreter.resize_tensor_input(given["index"], part.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(given["index"], part)
        interpreter.invoke()
        named.append(interpreter.get_tensor(made["index"]).argmax(axis=1).astype(np.int32))
    return np.concatenate(named)


def _in_floating_point(tflite: bytes) -> list[str]:
    """Steps between the two ends whose result is no integer, by the name of their operation."""
    interpreter = interpreter_of(tflite)
    ends = {d["index"] for d in (*interpreter.get_input_details(), *interpreter.get_output_details())}
    inner = [d for d in interpreter.get_tensor_details() if d["index"] not in ends]
    return sorted({_operation(d["name"]) for d in inner if np.issubdtype(np.dtype(d["dtype"]), np.floating)})


def _operation(tensor: str) -> str:
    return tensor.partition(";")[0].rpartition("/")[2] or tensor


def interpreter_of(tflite: bytes) -> Any:
    """TensorFlow Lite's interpreter with a model, as whoever downloads the file runs it."""
    with warnings.catch_warnings(), _quiet():
        # TensorFlow's own interpreter is deprecated in favour of the package ai-edge-litert; this one is already here.
        warnings.simplefilter("ignore")
        return tf.lite.Interpreter(model_content=tflite)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The converter prints, and writes to the process's own standard error: neither belongs in a log of JSON lines."""
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
