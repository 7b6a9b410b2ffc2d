"""What customers specify: a Keras model's JSON, and a job's options."""

from __future__ import annotations

import json

from backend.api.schemas import facts, spec
from backend.domain.spec import DatasetFacts
from backend.errors import Invalid
from fl_nodes.protocol.architecture import (
    ArchitectureInvalid,
    check,
    forward_flops,
    from_keras_json,
    parameters,
    preset,
    statistics,
    to_keras_config,
)
from fl_nodes.protocol.payout import WEIGHTS
from fl_nodes.protocol.wire import WireError, from_wire
from scripts.fuzz.target import Judge, Target, document_of, promised, seed, sentence, text_of

SHAPES = ([4], [8, 8, 1], [5, 3])


def _models() -> Judge:
    def judge(data: bytes) -> None:
        text = text_of(data[1:])
        try:
            made = from_keras_json(text, SHAPES[data[0] % len(SHAPES)] if data else SHAPES[0], 2)
        except ArchitectureInvalid as refusal:
            promised(refusal.code.startswith("model."), refusal.code)
            sentence(refusal.message)
            return
        promised(check(made) == made, "checked again, it is another model")
        promised(parameters(made) >= 0 and forward_flops(made) >= 0, "it has less than nothing")
        statistics(made)
        json.dumps(to_keras_config(made), allow_nan=False)

    return judge


def _specifications() -> Judge:
    def judge(data: bytes) -> None:
        try:
            document = document_of(data)
        except ValueError:
            return
        if not isinstance(document, dict):
            return
        try:
            asked = document.get("spec")
            spec(asked if isinstance(asked, dict) else {}, 1, WEIGHTS).hash()
            facts(from_wire(DatasetFacts, document.get("dataset")), 1 << 30)
        except (Invalid, WireError) as refusal:
            promised(bool(str(refusal)), "a refusal without a word")

    return judge


def _model_seeds() -> list[bytes]:
    made = []
    for i, (shape, name) in enumerate((([4], "mlp"), ([8, 8, 1], "cnn"), ([4], "logistic"))):
        config = to_keras_config(preset(name, shape, 2), softmax=True)
        made.append(bytes([1 if i == 1 else 0]) + seed(config))
    return made


def _specification_seeds() -> list[bytes]:
    dataset = {
        "name": "iris.csv", "size": 100, "sha256": "ab" * 32, "format": "csv", "rows": 60, "columns": 3,
        "classes": ["x", "y"], "input_shape": [2], "target": "label",
    }  # fmt: skip
    asked = {"rounds": 2, "model": "logistic", "learning_rate": 0.1, "batch_size": 8}
    return [
        seed({"dataset": dataset, "spec": asked}),
        seed({"dataset": dataset, "spec": {"model": "cnn", "privacy": {}}}),
    ]


TARGETS = (
    Target(
        "models",
        _models,
        _model_seeds,
        (b'"class_name"', b'"config"', b'"layers"', b'"Dense"', b'"Conv2D"', b'"Lambda"', b'"batch_shape"', b'"units"',
         b'"activation"', b'"inbound_nodes"', b'"__lambda__"', b'"registered_name"', b"1e999", b"NaN", b"[[[["),
        8_192,
    ),
    Target(
        "specifications",
        _specifications,
        _specification_seeds,
        (b'"privacy"', b'"rule"', b'"scheme"', b'"local_epochs"', b'"architecture"', b'"seed"', b"NaN", b"1e999", b"-1"),
        8_192,
    ),
)  # fmt: skip
