"""First weights, metrics and the customer's files."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

from fl_nodes.errors import Refused
from fl_nodes.evaluator.work import EvaluatorWork
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.architecture import preset
from fl_nodes.protocol.tasks import EvaluateTask, ExportTask, InitializeTask, TaskKind
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.training.tensors import weights_from_file
from fl_nodes.work.model_files import ModelFiles
from tests.integration.fl_nodes.job_world import CLASSES, FEATURES, rows, split_file
from tests.integration.fl_nodes.object_server import Store

# Keras 3.15 converts its variables the way numpy 1 did.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

NAMES = ("model.json", "model.weights.h5", "model.keras", "model.tflite", "metrics.json")
LABELS = ("ant", "bee", "cat", "dog")


@pytest.fixture
def work(store: Store, tmp_path: Path) -> EvaluatorWork:
    return EvaluatorWork(ModelFiles(ObjectStore(tmp_path)))


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
    data, split = store.put("test", split_file(rows(90, 4))), rows(90, 4)
    uploads = {name: store.upload(name) for name in NAMES}
    done = work.export(call(ExportTask(architecture, store.ref("model"), data, LABELS, uploads)))
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
    assert len(store.objects["model.tflite"]) < len(store.objects["model"]) / 2


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
