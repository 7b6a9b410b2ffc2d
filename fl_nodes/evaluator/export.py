"""The customer's model files, each read back and compared before it is handed over."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from fl_nodes.errors import NodeError
from fl_nodes.training.data import Split
from fl_nodes.training.engine import build_model
from fl_nodes.training.tensors import Array

CHECKED_ROWS = 256
SAME = 1e-6
"""The very same weights give the very same probabilities, but for the order of a batch's sums."""

SMALLEST_AGREEMENT = 0.9
"""Part of the rows on which the 8-bit model must name the same class."""

JSON, WEIGHTS, KERAS, TFLITE = "model.json", "model.weights.h5", "model.keras", "model.tflite"


def export_files(
    architecture: Mapping[str, Any], weights: Sequence[Array], split: Split, names: Sequence[str]
) -> dict[str, bytes]:
    """The files of `names` that hold a model, by name; raises NodeError if one does not load back to the same model."""
    model = build_model(architecture, softmax=True)
    model.set_weights(list(weights))
    rows = split.x[:CHECKED_ROWS]
    expected = np.asarray(model(rows, training=False))
    with tempfile.TemporaryDirectory(prefix="ecodml-export-") as name:
        folder = Path(name)
        (folder / JSON).write_text(model.to_json(indent=2), encoding="utf-8")
        model.save_weights(folder / WEIGHTS)
        restored = keras.models.model_from_json((folder / JSON).read_text(encoding="utf-8"))
        restored.load_weights(folder / WEIGHTS)
        _same(JSON, expected, np.asarray(restored(rows, training=False)))
        if KERAS in names:
            model.save(folder / KERAS)
            loaded = keras.models.load_model(folder / KERAS, compile=False)
            _same(KERAS, expected, np.asarray(loaded(rows, training=False)))
        if TFLITE in names:
            (folder / TFLITE).write_bytes(_tflite(model))
            _agrees(expected, _tflite_predictions(folder / TFLITE, rows))
        return {path.name: path.read_bytes() for path in folder.iterdir() if path.name in names}


def _same(name: str, expected: npt.NDArray[np.float32], found: npt.NDArray[np.float32]) -> None:
    if not np.allclose(expected, found, atol=SAME, rtol=0, equal_nan=True):
        raise NodeError(
            "export.differs", f"The exported {name} does not predict what the trained model predicts."
        )


def _agrees(expected: npt.NDArray[np.float32], found: npt.NDArray[np.float32]) -> None:
    agreement = float(np.mean(expected.argmax(axis=1) == found.argmax(axis=1)))
    if np.isfinite(expected).all() and agreement < SMALLEST_AGREEMENT:
        raise NodeError(
            "export.differs", f"The exported {TFLITE} agrees with the model on only {agreement:.0%} of rows."
        )


def _tflite(model: Any) -> bytes:
    """Weights in 8 bits, activations in float (dynamic range quantisation)."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    with _quiet():
        return bytes(converter.convert())


def _tflite_predictions(path: Path, rows: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    with warnings.catch_warnings(), _quiet():
        warnings.simplefilter(
            "ignore"
        )  # TensorFlow's own interpreter is deprecated, its successor is another package
        interpreter = tf.lite.Interpreter(model_path=str(path))
    given, made = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    interpreter.resize_tensor_input(given["index"], rows.shape)
    interpreter.allocate_tensors()
    interpreter.set_tensor(given["index"], rows)
    interpreter.invoke()
    return np.asarray(interpreter.get_tensor(made["index"]))


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
