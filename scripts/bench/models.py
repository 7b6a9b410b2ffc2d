"""Dense models of about a wanted number of parameters, as the Keras JSON a customer would hand in."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any


def dense_of_size(parameters: int, inputs: int, classes: int) -> tuple[str, int]:
    """Keras JSON and exact parameter count: one hidden layer up to 100 000 parameters, else two."""
    units = _hidden(parameters, inputs, classes)
    widths = [inputs, *units, classes]
    count = sum((n + 1) * m for n, m in pairwise(widths))
    return json.dumps(
        {"class_name": "Sequential", "config": {"name": "dense", "layers": _layers(inputs, units, classes)}}
    ), count


def dense_shapes(parameters: int, inputs: int, classes: int) -> list[tuple[int, ...]]:
    """The shapes of that model's kernels and biases, in Keras order."""
    widths = [inputs, *_hidden(parameters, inputs, classes), classes]
    return [shape for n, m in pairwise(widths) for shape in ((n, m), (m,))]


def _hidden(parameters: int, inputs: int, classes: int) -> list[int]:
    if parameters <= 100_000:
        return [round((parameters - classes) / (inputs + 1 + classes))]
    linear = inputs + 2 + classes
    width = round((-linear + math.sqrt(linear**2 + 4 * (parameters - classes))) / 2)
    return [width, width]


def _layers(inputs: int, units: list[int], classes: int) -> list[dict[str, Any]]:
    entry = {
        "class_name": "InputLayer",
        "config": {"batch_shape": [None, inputs], "dtype": "float32", "name": "input"},
    }
    return [
        entry,
        *(_dense(f"dense_{i}", width, "relu") for i, width in enumerate(units)),
        _dense("output", classes, "softmax"),
    ]


def _dense(name: str, units: int, activation: str) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": name, "units": units, "activation": activation}}
