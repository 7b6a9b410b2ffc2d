"""Initial weights, metrics, exports."""

from __future__ import annotations

from dataclasses import dataclass

from fl_nodes.errors import Refused
from fl_nodes.evaluator.export import export_files
from fl_nodes.protocol.architecture import check
from fl_nodes.protocol.hashing import canonical_json
from fl_nodes.protocol.operator_tasks import EvaluateTask, Exported, ExportTask, InitializeTask, Metrics
from fl_nodes.protocol.tasks import Stored
from fl_nodes.protocol.wire import from_wire
from fl_nodes.session import Call
from fl_nodes.training.engine import engine_for, initial_weights
from fl_nodes.training.scoring import measure
from fl_nodes.training.tensors import weights_to_file
from fl_nodes.work.model_files import ModelFiles

EVALUATION_OPTIMIZER = "sgd"
"""Evaluation takes no steps; sgd's engine is the smallest."""

INFERENCE_SECONDS = 0.7
"""How long predicting with each of a model's forms is metered."""


@dataclass(frozen=True)
class EvaluatorWork:
    """What the evaluator needs."""

    files: ModelFiles
    inference_seconds: float = INFERENCE_SECONDS

    def initialize(self, call: Call) -> Stored:
        """Make and store the initial global weights."""
        task = from_wire(InitializeTask, call.payload)
        return self.files.objects.put(
            task.model, weights_to_file(initial_weights(check(task.architecture), task.seed))
        )

    def evaluate(self, call: Call) -> Metrics:
        """Metrics of a model on a split."""
        task = from_wire(EvaluateTask, call.payload)
        engine = engine_for(task.architecture, EVALUATION_OPTIMIZER)
        weights = self.files.weights(task.model, task.architecture, engine.shapes)
        return measure(engine, weights, self.files.split(task.data, task.architecture), task.classes)

    def export(self, call: Call) -> Exported:
        """Write the files that are asked for, check them by loading them again, measure the model's forms, and store them."""
        task = from_wire(ExportTask, call.payload)
        engine = engine_for(task.architecture, EVALUATION_OPTIMIZER)
        weights = self.files.weights(task.model, task.architecture, engine.shapes)
        split = self.files.split(task.data, task.architecture)
        calibration = self.files.split(task.calibration, task.architecture) if task.calibration else None
        metrics = measure(engine, weights, split, len(task.classes))
        described = {"metrics": metrics, "classes": task.classes, "model_sha256": task.model.sha256}
        made = export_files(
            engine, weights, metrics, split, calibration, tuple(task.uploads), self.inference_seconds
        )
        files = made.files | {"metrics.json": canonical_json(described)}
        unknown = sorted(set(task.uploads) - set(files) - set(made.left_out))
        if unknown:
            raise Refused("export.unknown", f"There is no export {unknown[0]!r}.")
        stored = {}
        for name, upload in task.uploads.items():
            call.check()
            if name in files:
                stored[name] = self.files.objects.put(upload, files[name])
        return Exported(stored, metrics, made.variants, made.left_out)
