"""First weights, metrics and the customer's files."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from fl_nodes.errors import Refused
from fl_nodes.evaluator.work import EvaluatorWork
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.architecture import check, preset
from fl_nodes.protocol.operator_tasks import EvaluateTask, Exported, ExportTask, InitializeTask
from fl_nodes.protocol.tasks import TaskKind, TrainingSpec
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.training.data import Split
from fl_nodes.training.engine import engine_for, initial_weights
from fl_nodes.training.tensors import weights_from_file, weights_to_file
from fl_nodes.training.trainer import train
from fl_nodes.work.model_files import ModelFiles
from tests.integration.fl_nodes.job_world import CLASSES, FEATURES, rows, split_file
from tests.integration.fl_nodes.object_server import Store

pytestmark = [
    # Keras 3.15 converts its variables the way numpy 1 did.
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated:UserWarning"),
]

NAMES = (
    "model.json",
    "model.weights.h5",
    "model.keras",
    "model.tflite",
    "model.pruned.keras",
    "metrics.json",
)
LABELS = ("ant", "bee", "cat", "dog")


@pytest.fixture
def work(store: Store, tmp_path: Path) -> EvaluatorWork:
    return EvaluatorWork(ModelFiles(ObjectStore(tmp_path)), inference_seconds=0.0)


def call(task: object) -> Call:
    return Call("id", TaskKind.EXPORT, to_wire(task))


def test_initialize__same_seed__is_the_same_file(store: Store, work: EvaluatorWork) -> None:
    architecture = preset("cnn", [FEATURES], CLASSES)
    made = [
        work.initialize(call(InitializeTask(architecture, seed, store.upload(f"m{seed}"))))
        for seed in (1, 1, 2)
    ]
    assert made[0].sha256 == made[1].sha256 != made[2].sha256


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_export__every_file__loads_and_predicts_probabilities(
    store: Store, work: EvaluatorWork, tmp_path: Path, model: str
) -> None:
    architecture = preset(model, [FEATURES], CLASSES)
    work.initialize(call(InitializeTask(architecture, 3, store.upload("model"))))
    store.put("test", split_file(rows(90, 4)))
    split = rows(90, 4)
    done = export_of(store, work, architecture, "validation")
    assert set(done.files) == set(NAMES)
    for name in NAMES:
        (tmp_path / name).write_bytes(store.objects[name])
    restored = keras.models.model_from_json((tmp_path / "model.json").read_text())
    restored.load_weights(tmp_path / "model.weights.h5")
    probabilities = np.asarray(restored(split.x))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, atol=1e-5)
    whole = keras.models.load_model(tmp_path / "model.keras", compile=False)
    np.testing.assert_allclose(np.asarray(whole(split.x)), probabilities, atol=1e-6)
    for mine, theirs in zip(weights_from_file(store.objects["model"]), restored.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    described = json.loads(store.objects["metrics.json"])
    assert described["classes"] == list(LABELS)
    assert described["metrics"]["accuracy"] == done.metrics.accuracy
    assert done.metrics.accuracy == pytest.approx(float(np.mean(probabilities.argmax(axis=1) == split.y)))


def trained(store: Store, model: str, test: Split) -> dict[str, Any]:
    """A model that knows the blobs, in storage as `model`; returns its architecture."""
    architecture = preset(model, [FEATURES], CLASSES)
    spec = TrainingSpec("adam", 0.01, 16, 6, 64, 0)
    engine, weights = engine_for(architecture, spec.optimizer), initial_weights(architecture, 3)
    for segment in train(engine, spec, weights, rows(400, 5)):
        weights = segment.end.weights
    store.put("model", weights_to_file(weights))
    store.put("test", split_file(test))
    return architecture


def export_of(
    store: Store, work: EvaluatorWork, architecture: dict[str, Any], calibration: str = ""
) -> Exported:
    uploads = {name: store.upload(name) for name in NAMES}
    task = ExportTask(architecture, store.ref("model"), store.ref("test"), LABELS, uploads)
    if calibration:
        task = replace(task, calibration=store.put(calibration, split_file(rows(120, 6))))
    return work.export(call(task))


@pytest.mark.parametrize("model", ["logistic", "mlp", "cnn"])
def test_export__tflite__computes_in_integers_and_knows_as_much(
    store: Store, work: EvaluatorWork, model: str
) -> None:
    test = rows(400, 7)
    done = export_of(store, work, trained(store, model, test), "validation")
    assert done.metrics.accuracy > 0.9
    interpreter = tf.lite.Interpreter(
        model_content=store.objects["model.tflite"],
        experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
    )
    ends = {d["index"] for d in (*interpreter.get_input_details(), *interpreter.get_output_details())}
    inner = {np.dtype(d["dtype"]).kind for d in interpreter.get_tensor_details() if d["index"] not in ends}
    assert inner == {"i"}
    right, (given,), (made,) = 0, interpreter.get_input_details(), interpreter.get_output_details()
    interpreter.allocate_tensors()
    for x, y in zip(test.x, test.y, strict=True):
        interpreter.set_tensor(given["index"], x[None])
        interpreter.invoke()
        right += int(interpreter.get_tensor(made["index"]).argmax() == y)
    assert done.variants["int8"].accuracy == pytest.approx(right / 400, abs=0.005)
    assert done.variants["int8"].accuracy > done.metrics.accuracy - 0.03
    if model == "mlp":  # the others are small beside what any file starts with
        assert len(store.objects["model.tflite"]) < len(store.objects["model"]) / 3


@pytest.mark.parametrize("model", ["mlp", "cnn"])
def test_export__pruned__lacks_the_smallest_thirty_percent_of_all_kernels(
    store: Store, work: EvaluatorWork, tmp_path: Path, model: str
) -> None:
    test = rows(400, 7)
    done = export_of(store, work, trained(store, model, test))
    (tmp_path / "model.pruned.keras").write_bytes(store.objects["model.pruned.keras"])
    thin = keras.models.load_model(tmp_path / "model.pruned.keras", compile=False)
    before = weights_from_file(store.objects["model"])
    after = thin.get_weights()
    size = np.concatenate([w.ravel() for w in before if w.ndim > 1])
    left = np.concatenate([w.ravel() for w in after if w.ndim > 1])
    assert np.count_nonzero(left == 0) == int(0.3 * size.size)
    assert np.abs(size[left == 0]).max() <= np.abs(size[left != 0]).min()
    np.testing.assert_array_equal(left[left != 0], size[left != 0])
    for mine, theirs in zip(before, after, strict=True):
        if mine.ndim == 1:
            np.testing.assert_array_equal(mine, theirs)
    predicted = np.asarray(thin(test.x)).argmax(axis=1)
    assert done.variants["pruned"].accuracy == pytest.approx(float(np.mean(predicted == test.y)))
    assert done.variants["pruned"].zeros == pytest.approx(0.3, abs=1e-3)
    assert done.variants["pruned"].packed_bytes < done.variants["float32"].packed_bytes


@pytest.mark.parametrize(
    ("layer", "why"),
    [
        ({"kind": "dense", "units": 8, "activation": "elu"}, "Elu"),
        ({"kind": "layer_normalization"}, "no 8-bit form"),
    ],
)
def test_export__step_without_an_8_bit_form__leaves_out_that_file_alone_and_says_why(
    store: Store, work: EvaluatorWork, layer: dict[str, Any], why: str
) -> None:
    layers = [layer, {"kind": "dense", "units": CLASSES}]
    architecture = check({"input_shape": [FEATURES], "classes": CLASSES, "layers": layers})
    store.put("model", weights_to_file(initial_weights(architecture, 1)))
    store.put("test", split_file(rows(50, 2)))
    done = export_of(store, work, architecture, "validation")
    assert set(done.files) == set(NAMES) - {"model.tflite"}
    assert why in done.left_out["model.tflite"]
    assert set(done.variants) == {"float32", "pruned"}


def test_export__customers_layers__are_converted(store: Store, work: EvaluatorWork) -> None:
    layers: list[dict[str, Any]] = [
        {"kind": "reshape", "target_shape": [4, 4, 1]},
        {"kind": "zero_padding2d"},
        {"kind": "separable_conv2d", "filters": 4, "kernel_size": 3, "activation": "relu6"},
        {"kind": "batch_normalization"},
        {"kind": "depthwise_conv2d", "kernel_size": 2, "activation": "tanh"},
        {"kind": "spatial_dropout2d", "rate": 0.1},
        {"kind": "average_pooling2d", "pool_size": 2, "strides": 1},
        {"kind": "leaky_relu"},
        {"kind": "flatten"},
        {"kind": "dense", "units": 6, "activation": "silu"},
        {"kind": "dense", "units": CLASSES},
    ]
    architecture = check({"input_shape": [FEATURES], "classes": CLASSES, "layers": layers})
    store.put("model", weights_to_file(initial_weights(architecture, 1)))
    store.put("test", split_file(rows(50, 2)))
    done = export_of(store, work, architecture, "validation")
    assert set(done.files) == set(NAMES)
    assert done.left_out == {}


def test_export__weights_that_are_not_finite__leave_out_the_8_bit_file(
    store: Store, work: EvaluatorWork
) -> None:
    architecture = preset("logistic", [FEATURES], CLASSES)
    store.put("model", weights_to_file([w * np.float32(np.nan) for w in initial_weights(architecture, 1)]))
    store.put("test", split_file(rows(50, 2)))
    done = export_of(store, work, architecture, "validation")
    assert "not finite" in done.left_out["model.tflite"]


def test_export__only_what_is_asked_for__and_nothing_unknown(store: Store, work: EvaluatorWork) -> None:
    architecture = preset("logistic", [FEATURES], CLASSES)
    work.initialize(call(InitializeTask(architecture, 3, store.upload("model"))))
    data = store.put("test", split_file(rows(30, 4)))
    model = store.ref("model")
    done = work.export(
        call(ExportTask(architecture, model, data, LABELS, {"metrics.json": store.upload("m")}))
    )
    assert set(done.files) == {"metrics.json"}
    with pytest.raises(Refused, match=r"model\.exe"):
        work.export(call(ExportTask(architecture, model, data, LABELS, {"model.exe": store.upload("m")})))


def test_evaluate__confusion__adds_up(store: Store, work: EvaluatorWork) -> None:
    architecture = preset("logistic", [FEATURES], CLASSES)
    work.initialize(call(InitializeTask(architecture, 3, store.upload("model"))))
    data = store.put("test", split_file(rows(5000, 4)))
    found = work.evaluate(call(EvaluateTask(architecture, store.ref("model"), data, CLASSES)))
    assert sum(map(sum, found.confusion)) == found.examples == 5000
    assert found.accuracy == sum(found.confusion[i][i] for i in range(CLASSES)) / 5000
    assert 0 <= found.macro_f1 <= 1


def test_export__forms__predicting_is_metered_side_by_side_in_one_runtime(
    store: Store, work: EvaluatorWork
) -> None:
    metering = replace(work, inference_seconds=0.1)
    done = export_of(store, metering, trained(store, "mlp", rows(60, 7)), "validation")
    drawn = {name: variant.inference for name, variant in done.variants.items()}
    assert set(drawn) == {"float32", "int8", "pruned"}
    assert len({(d.runtime, d.batch, d.method, d.kind) for d in drawn.values() if d}) == 1
    for each in drawn.values():
        assert each is not None
        assert each.microjoules_per_1000 > 0
        assert each.microseconds_per_1000 > 0
        assert each.predictions % each.batch == 0
        assert each.band_ppm > 0
    assert drawn["float32"] is not None
    assert (drawn["float32"].ratio_ppm, drawn["float32"].ratio_band_ppm) == (1_000_000, 0)
