"""FLTrust's root update: what the operator's own training on a few rows would do to the model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from fl_nodes.protocol.operator_tasks import RootUpdateTask
from fl_nodes.protocol.tasks import Stored
from fl_nodes.protocol.wire import from_wire
from fl_nodes.session import Call
from fl_nodes.training.data import Split
from fl_nodes.training.engine import engine_for
from fl_nodes.training.tensors import difference, weights_to_file
from fl_nodes.training.trainer import train
from fl_nodes.work.model_files import ModelFiles

MOST_PASSES = 100


def root_update(files: ModelFiles, call: Call) -> Stored:
    """Train on the root set and store the update."""
    task = from_wire(RootUpdateTask, call.payload)
    engine = engine_for(task.architecture, task.training.optimizer)
    weights = files.weights(task.model, task.architecture, engine.shapes)
    rows = root_set(files.split(task.data, task.architecture), task.rows)
    per_pass = -(-rows.examples // task.training.batch_size)
    passes = min(max(1, round(task.steps / per_pass)), MOST_PASSES)
    after = weights
    for segment in train(engine, replace(task.training, local_epochs=passes), weights, rows):
        call.check()
        after = segment.end.weights
    return files.objects.put(task.update, weights_to_file(difference(after, weights)))


def root_set(split: Split, rows: int) -> Split:
    """At most `rows` rows of a split, its classes in turn: as many of each as there are, while they last."""
    place = np.empty(split.examples, np.int64)
    for label in np.unique(split.y):
        of_class = np.flatnonzero(split.y == label)
        place[of_class] = np.arange(len(of_class))
    chosen = np.sort(np.lexsort((split.y, place))[:rows])
    return Split(split.x[chosen], split.y[chosen])
