"""FLTrust's root update: which rows the operator trains on, and for how long."""

from pathlib import Path

import numpy as np
import pytest

from fl_nodes.evaluator.root import MOST_PASSES, root_set, root_update
from fl_nodes.evaluator.work import EvaluatorWork
from fl_nodes.objects import ObjectStore
from fl_nodes.protocol.architecture import preset
from fl_nodes.protocol.operator_tasks import InitializeTask, RootUpdateTask
from fl_nodes.protocol.tasks import TaskKind, TrainingSpec
from fl_nodes.protocol.wire import to_wire
from fl_nodes.session import Call
from fl_nodes.training.data import Split
from fl_nodes.training.tensors import norm, weights_from_file
from fl_nodes.work.model_files import ModelFiles
from tests.integration.fl_nodes.job_world import CLASSES, FEATURES, rows, split_file
from tests.integration.fl_nodes.object_server import Store

# Keras 3.15 converts its variables the way numpy 1 did.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)

TRAINING = TrainingSpec("sgd", 0.05, batch_size=10, local_epochs=7, segment_steps=4, seed=3)


def made(store: Store, files: ModelFiles, steps: int) -> float:
    """The length of the root update."""
    architecture = preset("logistic", [FEATURES], CLASSES)
    EvaluatorWork(files).initialize(
        Call("i", TaskKind.INITIALIZE, to_wire(InitializeTask(architecture, 1, store.upload("model"))))
    )
    data = store.put("validation", split_file(rows(60, 4)))
    task = RootUpdateTask(
        architecture, TRAINING, store.ref("model"), data, steps, store.upload("root"), rows=20
    )
    done = root_update(files, Call("r", TaskKind.ROOT_UPDATE, to_wire(task)))
    assert done.sha256 == store.ref("root").sha256
    update = weights_from_file(store.objects["root"])
    assert [u.shape for u in update] == [w.shape for w in weights_from_file(store.objects["model"])]
    return norm(update)


def test_root_update__more_steps__goes_further(store: Store, tmp_path: Path) -> None:
    files = ModelFiles(ObjectStore(tmp_path))

    lengths = [made(store, files, steps) for steps in (1, 2, 20)]

    # Two batches make a pass: one step asked for is still a whole pass.
    assert lengths[0] == lengths[1] < lengths[2]
    assert made(store, files, 10**6) == made(store, files, 2 * MOST_PASSES)


def test_root_set__rare_class__is_there_in_full() -> None:
    y = np.array([0] * 50 + [1] * 3 + [2] * 50, np.int32)
    x = np.arange(len(y), dtype=np.float32)[:, None]

    chosen = root_set(Split(x, y), 21)

    assert np.bincount(chosen.y).tolist() == [9, 3, 9]
    assert root_set(Split(x, y), 10**6).examples == len(y)
