"""A model as plain data: `{"input_shape", "classes", "layers": [{"kind", ...}]}`; checked, counted and turned into Keras here.

An architecture's last layer gives one logit per class; softmax belongs to the loss in training and is put back on export.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fl_nodes.protocol.keras_json import layers_from_keras_json
from fl_nodes.protocol.layers import KINDS, REQUIRED, ArchitectureInvalid, Facts, Setting, Shape
from fl_nodes.protocol.settings import MAX_RANK

__all__ = [
    "ArchitectureInvalid", "check", "forward_flops", "from_keras_json", "parameters", "preset", "statistics", "to_keras_config",
]  # fmt: skip

MAX_LAYERS = 100
MAX_PARAMETERS = 20_000_000
MAX_VALUES = 16_000_000
MAX_FORWARD_FLOPS = 20_000_000_000
MAX_CLASSES = 10_000
MLP_UNITS = 200
PRESETS = ("logistic", "mlp", "cnn")


def preset(name: str, input_shape: Sequence[int], classes: int) -> dict[str, Any]:
    """One of `PRESETS` for inputs of `input_shape` (no batch dimension); raises ArchitectureInvalid."""
    shape = _input_shape(input_shape)
    if name not in PRESETS:
        raise ArchitectureInvalid(
            "model.unknown", f"There is no model {name!r}; choose one of {', '.join(PRESETS)}."
        )
    output = [{"kind": "dense", "units": classes}]
    if name == "cnn":
        return check({"input_shape": list(shape), "classes": classes, "layers": _cnn(shape) + output})
    flat: list[dict[str, Any]] = [{"kind": "flatten"}] if len(shape) > 1 else []
    hidden = [
        {"kind": "dense", "units": MLP_UNITS, "activation": "relu"} for _ in range(2 if name == "mlp" else 0)
    ]
    return check({"input_shape": list(shape), "classes": classes, "layers": flat + hidden + output})


def _cnn(shape: Shape) -> list[dict[str, Any]]:
    layers: list[dict[str, Any]] = []
    if len(shape) == 1:
        side = math.isqrt(shape[0])
        if side * side != shape[0] or side < 4:
            raise ArchitectureInvalid(
                "model.cnn_shape",
                f"A CNN needs pictures, and {shape[0]} values per row do not make a square one of at least 4 x 4: "
                "choose mlp or logistic.",
            )
        layers.append({"kind": "reshape", "target_shape": [side, side, 1]})
    elif len(shape) == 2:
        layers.append({"kind": "reshape", "target_shape": [*shape, 1]})
    elif len(shape) != 3:
        raise ArchitectureInvalid(
            "model.cnn_shape", f"A CNN takes [h, w] or [h, w, channels], not {list(shape)}."
        )
    for filters in (16, 32):
        layers.append(
            {
                "kind": "conv2d",
                "filters": filters,
                "kernel_size": [3, 3],
                "padding": "same",
                "activation": "relu",
            }
        )
        layers.append({"kind": "max_pooling2d", "strides": 2, "padding": "same"})
    return [*layers, {"kind": "flatten"}, {"kind": "dense", "units": 64, "activation": "relu"}]


def from_keras_json(text: str, input_shape: Sequence[int], classes: int) -> dict[str, Any]:
    """A customer's Keras 2 or 3 JSON (Sequential, or Functional in one line) as an architecture.

    The last layer must give `classes` values: as softmax, which is taken off, or as linear logits. An input of another
    shape with as many values is reshaped. Raises ArchitectureInvalid.
    """
    shape = _input_shape(input_shape)
    declared, layers = layers_from_keras_json(text)
    if declared is not None and declared != shape:
        if math.prod(declared) != math.prod(shape):
            raise ArchitectureInvalid(
                "model.input_shape",
                f"The model takes inputs of shape {list(declared)}, but the data has {list(shape)}.",
            )
        layers = [{"kind": "reshape", "target_shape": list(declared)}, *layers]
    return check({"input_shape": list(shape), "classes": classes, "layers": _logits(layers)})


def _logits(layers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    while layers and layers[-1] == {"kind": "activation", "activation": "linear"}:
        layers = layers[:-1]
    if not layers:
        return layers
    last = layers[-1]
    if last == {"kind": "activation", "activation": "softmax"}:
        return layers[:-1]
    if last.get("activation", "linear") not in ("softmax", "linear") or last["kind"] == "leaky_relu":
        raise ArchitectureInvalid(
            "model.output",
            f"The last layer ends in {last.get('activation', last['kind'])!r}: it must end in softmax, "
            "or be linear (logits).",
        )
    return [*layers[:-1], {**last, "activation": "linear"} if "activation" in last else last]


def check(architecture: Mapping[str, Any]) -> dict[str, Any]:
    """The architecture with every setting checked and written out; raises ArchitectureInvalid."""
    shape = _input_shape(architecture.get("input_shape", ()))
    classes, layers = architecture.get("classes"), architecture.get("layers")
    if isinstance(classes, bool) or not isinstance(classes, int) or not 2 <= classes <= MAX_CLASSES:
        raise ArchitectureInvalid(
            "model.classes", f"A model needs 2 to {MAX_CLASSES} classes, not {classes!r}."
        )
    if not isinstance(layers, list) or not 1 <= len(layers) <= MAX_LAYERS:
        raise ArchitectureInvalid("model.layers", f"A model needs 1 to {MAX_LAYERS} layers.")
    checked = [_check_layer(i, layer) for i, layer in enumerate(layers)]
    facts = _walk(shape, checked)
    if facts[-1].shape != (classes,):
        raise ArchitectureInvalid(
            "model.output",
            f"The model gives outputs of shape {list(facts[-1].shape)}, but the data has {classes} classes: "
            f"its last layer must give {classes} values.",
        )
    _bounded("model.too_large", "parameters", sum(f.parameters for f in facts), MAX_PARAMETERS)
    _bounded("model.too_large", "operations per example", sum(f.flops for f in facts), MAX_FORWARD_FLOPS)
    return {"input_shape": list(shape), "classes": classes, "layers": checked}


def _bounded(code: str, what: str, value: int, limit: int) -> None:
    if value > limit:
        raise ArchitectureInvalid(code, f"The model has {value:,} {what}; at most {limit:,} are accepted.")


def _check_layer(index: int, layer: Any) -> dict[str, Any]:
    named = layer.get("kind") if isinstance(layer, Mapping) else None
    kind = KINDS.get(named) if isinstance(named, str) else None
    if kind is None:
        raise ArchitectureInvalid("model.layer", f"Layer {index} is of no known kind.")
    unknown = sorted(set(layer) - set(kind.settings) - {"kind"})
    if unknown:
        raise ArchitectureInvalid(
            "model.layer", f"Layer {index} ({layer['kind']}) has no setting {unknown[0]!r}."
        )
    settings = {name: _check_setting(index, layer, name, s) for name, s in kind.settings.items()}
    return {"kind": layer["kind"], **settings}


def _check_setting(index: int, layer: Mapping[str, Any], name: str, setting: Setting) -> Any:
    value = layer.get(name, setting.default)
    where = f"Layer {index} ({layer['kind']})"
    if value is REQUIRED:
        raise ArchitectureInvalid("model.layer", f"{where} lacks its setting {name!r}.")
    try:
        return setting.check(value)
    except ValueError as error:
        raise ArchitectureInvalid("model.layer", f"{where}: {name} {error}.") from error


def _walk(shape: Shape, layers: Sequence[Mapping[str, Any]]) -> list[Facts]:
    facts = [Facts(shape, 0, 0)]
    for index, layer in enumerate(layers):
        try:
            facts.append(KINDS[layer["kind"]].infer(layer, facts[-1].shape))
        except ValueError as error:
            message = f"Layer {index} ({layer['kind']}) does not fit: {error}."
            raise ArchitectureInvalid("model.shape", message) from error
        _bounded("model.too_large", f"values after layer {index}", math.prod(facts[-1].shape), MAX_VALUES)
    return facts


def parameters(architecture: Mapping[str, Any]) -> int:
    """Number of weights, the untrained ones of batch normalisation included."""
    checked = check(architecture)
    return sum(f.parameters for f in _walk(tuple(checked["input_shape"]), checked["layers"]))


def forward_flops(architecture: Mapping[str, Any]) -> int:
    """Floating-point operations of one example's forward pass; a multiply-add counts two."""
    checked = check(architecture)
    return sum(f.flops for f in _walk(tuple(checked["input_shape"]), checked["layers"]))


def statistics(architecture: Mapping[str, Any]) -> tuple[int, ...]:
    """Indices, in Keras order, of weights that are no weights but running statistics of batch normalisation."""
    found: list[int] = []
    count = 0
    for layer in check(architecture)["layers"]:
        own = sum(
            name in layer for name in ("kernel_initializer", "depthwise_initializer", "pointwise_initializer")
        )
        own += bool(layer.get("use_bias"))
        if layer["kind"] in ("batch_normalization", "layer_normalization"):
            own = layer["scale"] + layer["center"]
        count += own
        if layer["kind"] == "batch_normalization":
            found += [count, count + 1]
            count += 2
    return tuple(found)


def to_keras_config(architecture: Mapping[str, Any], softmax: bool = False) -> dict[str, Any]:
    """The config of a Keras 3 `Sequential`; `softmax` appends the layer that makes probabilities of logits."""
    checked = check(architecture)
    tail = [{"kind": "activation", "activation": "softmax"}] if softmax else []
    layers: list[dict[str, Any]] = [
        {
            "module": "keras.layers",
            "class_name": "InputLayer",
            "config": {"batch_shape": [None, *checked["input_shape"]], "dtype": "float32", "name": "input"},
            "registered_name": None,
        }
    ]
    for index, layer in enumerate(checked["layers"] + tail):
        config = {name: _keras_value(value) for name, value in layer.items() if name != "kind"}
        layers.append(
            {
                "module": "keras.layers",
                "class_name": KINDS[layer["kind"]].keras_class,
                "config": {"name": f"layer_{index:02d}", "dtype": "float32", **config},
                "registered_name": None,
            }
        )
    return {"name": "model", "layers": layers}


def _keras_value(value: Any) -> Any:
    if isinstance(value, Mapping) and "class_name" in value:
        return {"module": "keras.initializers", **value, "registered_name": None}
    return value


def _input_shape(value: Any) -> Shape:
    sizes = tuple(value) if isinstance(value, list | tuple) else ()
    good = 1 <= len(sizes) <= MAX_RANK - 1 and all(type(n) is int and n >= 1 for n in sizes)
    if not good or math.prod(sizes) > MAX_VALUES:
        raise ArchitectureInvalid(
            "model.input_shape", f"Inputs must have 1 to 3 dimensions of known size, not {value!r}."
        )
    return sizes
