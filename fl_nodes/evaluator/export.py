"""The customer's model files, each read back before it is handed over, and what its smaller forms are worth."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from fl_nodes.errors import NodeError
from fl_nodes.evaluator.inference import BATCH_ROWS, Predictor, measured
from fl_nodes.evaluator.int8 import Unconvertible, classes_by, to_float32, to_int8
from fl_nodes.evaluator.pruning import kernels, pruned, zero_share
from fl_nodes.meter.choice import choose
from fl_nodes.protocol.operator_tasks import Metrics, Variant
from fl_nodes.training.data import Split
from fl_nodes.training.engine import Engine, build_model
from fl_nodes.training.scoring import confusion, macro_f1, measure
from fl_nodes.training.tensors import Array

CHECKED_ROWS = 256
SAME = 1e-6
"""The very same weights give the very same probabilities, but for the order of a batch's sums."""

JSON, WEIGHTS, KERAS = "model.json", "model.weights.h5", "model.keras"
INT8, PRUNED = "model.tflite", "model.pruned.keras"


@dataclass
class Export:
    """Files by name, measured forms of the model by name, and why a file is not there."""

    files: dict[str, bytes] = field(default_factory=dict)
    variants: dict[str, Variant] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def export_files(
    engine: Engine,
    weights: Sequence[Array],
    metrics: Metrics,
    test: Split,
    calibration: Split | None,
    names: Collection[str],
    inference_seconds: float = 0.0,
) -> Export:
    """The files of `names` that hold a model, with what its forms are worth on `test`; `metrics` are the trained model's.

    Predicting with each form is metered for about `inference_seconds`, not at all for 0. Raises NodeError where Keras does not read
    back what was written. What TensorFlow Lite cannot do is left out.
    """
    model = build_model(engine.architecture, softmax=True)
    model.set_weights(list(weights))
    rows = test.x[:CHECKED_ROWS]
    expected = np.asarray(model(rows, training=False))
    made, is_kernel = Export(), kernels(model)
    with tempfile.TemporaryDirectory(prefix="ecodml-export-") as name:
        folder = Path(name)
        (folder / JSON).write_text(model.to_json(indent=2), encoding="utf-8")
        model.save_weights(folder / WEIGHTS)
        restored = keras.models.model_from_json((folder / JSON).read_text(encoding="utf-8"))
        restored.load_weights(folder / WEIGHTS)
        _same(JSON, expected, np.asarray(restored(rows, training=False)))
        made.files = {n: (folder / n).read_bytes() for n in (JSON, WEIGHTS) if n in names}
        if KERAS in names:
            made.files[KERAS] = _keras_file(model, folder / KERAS, rows)
            made.variants["float32"] = Variant(
                KERAS, metrics.accuracy, metrics.macro_f1, _packed(made.files[KERAS]), zero_share(weights, is_kernel)
            )  # fmt: skip
        if INT8 in names:
            _add_int8(made, model, test, calibration)
        if PRUNED in names:
            thin = pruned(weights, is_kernel)
            model.set_weights(thin)
            data = made.files[PRUNED] = _keras_file(model, folder / PRUNED, rows)
            worth = measure(engine, thin, test, engine.architecture["classes"])
            made.variants["pruned"] = Variant(
                PRUNED, worth.accuracy, worth.macro_f1, _packed(data), zero_share(thin, is_kernel)
            )
    if inference_seconds > 0 and test.examples:
        _add_inference(made, model, weights, test, inference_seconds)
    return made


def _add_inference(
    made: Export, model: Any, weights: Sequence[Array], test: Split, inference_seconds: float
) -> None:
    """What predicting takes with those forms that TensorFlow Lite runs, where the original is one of them."""
    if "float32" not in made.variants or not {"int8", "pruned"} & set(made.variants):
        return
    is_kernel = kernels(model)
    try:
        files = {"float32": _as_tflite(model, weights)}
        if "pruned" in made.variants:
            files["pruned"] = _as_tflite(model, pruned(weights, is_kernel))
    except Unconvertible:
        return
    if "int8" in made.variants:
        files["int8"] = made.files[INT8]
    rows = test.x[:BATCH_ROWS]
    forms = {name: Predictor.of(data, rows) for name, data in files.items()}
    meter, _ = choose(with_gpu=False)
    for name, drawn in measured(forms, meter.counters, inference_seconds, len(rows)).items():
        made.variants[name] = replace(made.variants[name], inference=drawn)


def _as_tflite(model: Any, weights: Sequence[Array]) -> bytes:
    model.set_weights(list(weights))
    return to_float32(model)


def _keras_file(model: Any, path: Path, rows: Array) -> bytes:
    model.save(path)
    loaded = keras.models.load_model(path, compile=False)
    _same(path.name, np.asarray(model(rows, training=False)), np.asarray(loaded(rows, training=False)))
    return path.read_bytes()


def _add_int8(made: Export, model: Any, test: Split, calibration: Split | None) -> None:
    try:
        data = to_int8(model, calibration.x if calibration else test.x[:0])
    except Unconvertible as why:
        made.left_out[INT8] = str(why)
        return
    counts = confusion(test.y, classes_by(data, test.x), model.output_shape[-1])
    accuracy = float(np.trace(counts) / test.examples)
    made.files[INT8] = data
    made.variants["int8"] = Variant(INT8, accuracy, macro_f1(counts), _packed(data))


def _packed(data: bytes) -> int:
    return len(zlib.compress(data))


def _same(name: str, expected: npt.NDArray[np.float32], found: npt.NDArray[np.float32]) -> None:
    if not np.allclose(expected, found, atol=SAME, rtol=0, equal_nan=True):
        raise NodeError(
            "export.differs", f"The exported {name} does not predict what the trained model predicts."
        )
