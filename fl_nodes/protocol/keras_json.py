"""A customer's Keras JSON, read as data: the layers it names, or one sentence that says which part cannot be accepted.

Nothing of the file reaches Keras: layers on the allow-list are translated setting by setting, and a setting that would
change the training in a way that is not supported is refused rather than dropped.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fl_nodes.protocol.layers import KINDS, ArchitectureInvalid, Shape

MAX_TEXT = 1_000_000
MAX_RAW_LAYERS = 200

_KIND_OF = {kind.keras_class: name for name, kind in KINDS.items()}
_SAME_AS_DEFAULT: Mapping[str, tuple[Any, ...]] = {
    "data_format": ("channels_last",),
    "dilation_rate": (1, [1], [1, 1]),
    "groups": (1,),
    "keepdims": (False,),
    "axis": (-1, [-1]),
    "rms_scaling": (False,),
    "synchronized": (False,),
    "renorm": (False,),
    "fused": (True,),
    "seed": (0,),
    "beta_initializer": ("Zeros",),
    "gamma_initializer": ("Ones",),
    "moving_mean_initializer": ("Zeros",),
    "moving_variance_initializer": ("Ones",),
    "ragged": (False,),
    "sparse": (False,),
    "optional": (False,),
    "autocast": (True,),
}
_IGNORED = ("name", "batch_input_shape", "batch_shape", "input_shape", "seed", "renorm_momentum")
_ACTIVATION_NAMES = {"swish": "silu", "leakyrelu": "leaky_relu"}
_RELU_6 = 6.0


def layers_from_keras_json(text: str) -> tuple[Shape | None, list[dict[str, Any]]]:
    """The declared input shape (None when the file has none) and the neutral layers; raises ArchitectureInvalid."""
    raw = _raw_layers(_parse(text))
    if len(raw) > MAX_RAW_LAYERS:
        raise ArchitectureInvalid(
            "model.layers", f"The model has {len(raw)} layers; at most {MAX_RAW_LAYERS} are read."
        )
    declared: Shape | None = None
    layers: list[dict[str, Any]] = []
    for index, layer in enumerate(raw):
        name, config = _head(index, layer)
        if index == 0:
            declared = _declared_shape(layer, config)
        if name != "InputLayer":
            layers.append(_translate(index, name, config))
        elif index:
            raise ArchitectureInvalid(
                "model.layer", f"Layer {index} is a second input: the model must have one."
            )
    return declared, layers


def _parse(text: str) -> Mapping[str, Any]:
    if len(text) > MAX_TEXT:
        raise ArchitectureInvalid("model.json", f"The model's JSON is longer than {MAX_TEXT:,} characters.")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ArchitectureInvalid(
            "model.json", "The model is not valid JSON; export it with model.to_json()."
        ) from error
    if not isinstance(document, Mapping):
        raise ArchitectureInvalid(
            "model.json", "The model's JSON is not an object; export it with model.to_json()."
        )
    return document


def _raw_layers(document: Mapping[str, Any]) -> list[Any]:
    name, config = document.get("class_name"), document.get("config")
    _refuse_registered("The model", document)
    if name == "Sequential":
        layers = config.get("layers") if isinstance(config, Mapping) else config
        return _list_of_layers(layers)
    if name in ("Functional", "Model") and isinstance(config, Mapping):
        return _in_line(_list_of_layers(config.get("layers")))
    raise ArchitectureInvalid(
        "model.class", f"The model is of class {name!r}; Sequential and Functional are accepted."
    )


def _list_of_layers(value: Any) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise ArchitectureInvalid(
            "model.json", "The model's JSON lists no layers; export it with model.to_json()."
        )
    return value


def _in_line(layers: list[Any]) -> list[Any]:
    """A functional model's layers in the order of its one line; anything that branches is refused."""
    after: dict[str | None, Any] = {}
    for layer in layers:
        if not isinstance(layer, Mapping):
            raise ArchitectureInvalid("model.json", "The model's JSON lists something that is not a layer.")
        source = _source(layer)
        if source in after:
            raise ArchitectureInvalid(
                "model.branches", "The model branches: only one line of layers is accepted."
            )
        after[source] = layer
    ordered: list[Any] = []
    name: str | None = None
    while name in after:
        layer = after.pop(name)
        ordered.append(layer)
        config = layer.get("config")
        name = str(layer.get("name") or (config.get("name") if isinstance(config, Mapping) else None))
    if after:
        raise ArchitectureInvalid(
            "model.branches", "The model's layers do not form one line from input to output."
        )
    return ordered


def _source(layer: Mapping[str, Any]) -> str | None:
    nodes = layer.get("inbound_nodes") or []
    if not isinstance(nodes, list):
        raise ArchitectureInvalid("model.json", "A layer's inbound_nodes must be a list.")
    names: list[str] = []
    _histories(nodes, names, 0)
    if len(nodes) > 1 or len(names) > 1:
        raise ArchitectureInvalid(
            "model.branches", "The model joins or shares layers: only one line is accepted."
        )
    return names[0] if names else None


def _histories(value: Any, names: list[str], depth: int) -> None:
    """Collect the names of the layers whose outputs are used: Keras 2 `[name, 0, 0, {}]`, Keras 3 `keras_history`."""
    if isinstance(value, Mapping):
        history = value.get("keras_history")
        if isinstance(history, list) and history:
            names.append(str(history[0]))
            return
        for item in value.values():
            _histories(item, names, depth + 1)
    elif isinstance(value, list):
        if len(value) in (3, 4) and isinstance(value[0], str) and isinstance(value[1], int):
            names.append(value[0])
            return
        for item in value:
            _histories(item, names, depth + 1)


def _head(index: int, layer: Any) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(layer, Mapping) or not isinstance(layer.get("config"), Mapping):
        raise ArchitectureInvalid("model.layer", f"Layer {index} of the model's JSON is not a layer.")
    name = layer.get("class_name")
    _refuse_registered(f"Layer {index}", layer)
    if name != "InputLayer" and name not in (*_KIND_OF, "ReLU", "Softmax", "ELU"):
        raise ArchitectureInvalid(
            "model.layer_kind",
            f"Layer {index} is a {name!r}, which is not accepted; accepted are {', '.join([*_KIND_OF, 'ReLU', 'Softmax'])}.",
        )
    return str(name), layer["config"]


def _refuse_registered(where: str, item: Mapping[str, Any]) -> None:
    module, registered = item.get("module") or "keras", item.get("registered_name")
    if registered not in (None, item.get("class_name")) or str(module).split(".")[0] not in (
        "keras",
        "tensorflow",
        "tf_keras",
    ):
        raise ArchitectureInvalid(
            "model.custom", f"{where} is custom code ({registered or module}), which is never run here."
        )


def _declared_shape(layer: Mapping[str, Any], config: Mapping[str, Any]) -> Shape | None:
    build = layer.get("build_config")
    built = build.get("input_shape") if isinstance(build, Mapping) else None
    value = config.get("batch_shape") or config.get("batch_input_shape") or built
    if not isinstance(value, list | tuple):
        return None
    sizes = tuple(value)[1:]
    if not sizes or not all(type(n) is int and n >= 1 for n in sizes):
        raise ArchitectureInvalid(
            "model.input_shape", f"The model's input shape {list(value)} leaves sizes open."
        )
    return sizes


def _translate(index: int, name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    where = f"Layer {index} ({name})"
    _check_common(where, config)
    if name in ("ReLU", "Softmax", "ELU"):
        return _activation_layer(where, name, config)
    kind = _KIND_OF[name]
    settings = KINDS[kind].settings
    layer: dict[str, Any] = {"kind": kind}
    if name == "LeakyReLU" and "alpha" in config:
        config = {**{k: v for k, v in config.items() if k != "alpha"}, "negative_slope": config["alpha"]}
    for key, value in config.items():
        if key in settings:
            if value is not None:
                layer[key] = _value(where, key, value)
        elif key not in (*_IGNORED, "dtype", "trainable") and not _harmless(key, value):
            raise ArchitectureInvalid(
                "model.setting", f"{where} sets {key!r}, which is not supported: leave it at its default."
            )
    return layer


def _check_common(where: str, config: Mapping[str, Any]) -> None:
    dtype: Any = config.get("dtype")
    if isinstance(dtype, Mapping):
        inner = dtype.get("config")
        dtype = inner.get("name") if isinstance(inner, Mapping) else None
    if dtype not in (None, "float32"):
        raise ArchitectureInvalid("model.dtype", f"{where} computes in {dtype}; only float32 is accepted.")
    if config.get("trainable") is False:
        raise ArchitectureInvalid(
            "model.frozen", f"{where} is frozen (trainable = false), which is not supported."
        )


def _harmless(key: str, value: Any) -> bool:
    if value is None or value == {}:
        return True
    if isinstance(value, Mapping):
        value = value.get("class_name")
    return key in _SAME_AS_DEFAULT and value in _SAME_AS_DEFAULT[key]


def _value(where: str, key: str, value: Any) -> Any:
    if key == "activation":
        return _activation(where, value)
    if key.endswith("_initializer"):
        if isinstance(value, str):
            value = {"class_name": "".join(part.capitalize() for part in value.split("_")), "config": {}}
        _refuse_registered(f"{where}: its {key}", value if isinstance(value, Mapping) else {})
        config = value.get("config") if isinstance(value, Mapping) else None
        numbers = {k: v for k, v in config.items() if k != "seed"} if isinstance(config, Mapping) else {}
        return {
            "class_name": value.get("class_name") if isinstance(value, Mapping) else value,
            "config": numbers,
        }
    return value


def _activation(where: str, value: Any) -> str:
    if isinstance(value, Mapping):
        _refuse_registered(f"{where}: its activation", {**value, "registered_name": None})
        value = value.get("class_name") if not isinstance(value.get("config"), str) else value["config"]
    if not isinstance(value, str):
        raise ArchitectureInvalid("model.activation", f"{where} has an activation that is not a name.")
    return _ACTIVATION_NAMES.get(value.lower(), value.lower())


def _activation_layer(where: str, name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    if name == "Softmax":
        plain = config.get("axis", -1) in (-1, [-1])
        chosen: dict[str, Any] = {"kind": "activation", "activation": "softmax"}
    elif name == "ELU":
        plain = config.get("alpha", 1.0) == 1.0
        chosen = {"kind": "activation", "activation": "elu"}
    else:
        ceiling, slope = config.get("max_value"), config.get("negative_slope") or 0.0
        plain = (
            (config.get("threshold") or 0.0) == 0.0
            and ceiling in (None, _RELU_6)
            and (ceiling is None or slope == 0.0)
        )
        chosen = {"kind": "activation", "activation": "relu6" if ceiling else "relu"}
        if slope:
            chosen = {"kind": "leaky_relu", "negative_slope": slope}
    if not plain:
        raise ArchitectureInvalid(
            "model.setting", f"{where} has settings that are not supported: leave them at their defaults."
        )
    return chosen
