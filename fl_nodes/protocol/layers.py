"""The layers an architecture may be made of: their settings, bounds, output shapes, weights and operations.

Setting names are Keras's own, so that translating to and from Keras renames nothing. Only what this table lists is ever
built: a customer's file is read, never executed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fl_nodes.protocol.settings import (
    ACTIVATIONS,
    MAX_KERNEL,
    MAX_UNITS,
    flag,
    initializer,
    one_of,
    pair,
    real,
    shape_list,
    sides,
    whole,
)

Shape = tuple[int, ...]


class ArchitectureInvalid(ValueError):
    """An architecture that cannot be accepted: a stable code and one sentence for a person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Facts:
    """One example's passage through a layer: output shape, weights (trained or not), floating-point operations."""

    shape: Shape
    parameters: int
    flops: int


@dataclass(frozen=True)
class Setting:
    """A setting's default (`REQUIRED` for none) and the function that checks and normalises a value."""

    check: Callable[[Any], Any]
    default: Any = None


@dataclass(frozen=True)
class LayerKind:
    """A kind of layer: its Keras class, its settings, and what it does to a shape."""

    keras_class: str
    settings: Mapping[str, Setting]
    infer: Callable[[Mapping[str, Any], Shape], Facts]


REQUIRED = object()


def _dense(s: Mapping[str, Any], shape: Shape) -> Facts:
    inputs, units = shape[-1], s["units"]
    operations = 2 * inputs * units * math.prod(shape[:-1])
    return Facts((*shape[:-1], units), inputs * units + units * s["use_bias"], operations)


def _conv(s: Mapping[str, Any], shape: Shape) -> Facts:
    spatial, channels = _spatial(shape, s["kernel_size"], s["strides"], s["padding"])
    window = math.prod(s["kernel_size"]) * channels
    filters = s["filters"]
    return Facts(
        (*spatial, filters),
        window * filters + filters * s["use_bias"],
        2 * window * filters * math.prod(spatial),
    )


def _depthwise(s: Mapping[str, Any], shape: Shape) -> Facts:
    spatial, channels = _spatial(shape, s["kernel_size"], s["strides"], s["padding"])
    outputs = channels * s["depth_multiplier"]
    weights = math.prod(s["kernel_size"]) * outputs
    return Facts((*spatial, outputs), weights + outputs * s["use_bias"], 2 * weights * math.prod(spatial))


def _separable(s: Mapping[str, Any], shape: Shape) -> Facts:
    depth = _depthwise({**s, "use_bias": False}, shape)
    inner, filters = depth.shape[-1], s["filters"]
    point = 2 * inner * filters * math.prod(depth.shape[:-1])
    weights = depth.parameters + inner * filters + filters * s["use_bias"]
    return Facts((*depth.shape[:-1], filters), weights, depth.flops + point)


def _pool(s: Mapping[str, Any], shape: Shape) -> Facts:
    spatial, channels = _spatial(shape, s["pool_size"], s["strides"] or s["pool_size"], s["padding"])
    return Facts((*spatial, channels), 0, math.prod(spatial) * channels * math.prod(s["pool_size"]))


def _global_pool(rank: int) -> Callable[[Mapping[str, Any], Shape], Facts]:
    def infer(_: Mapping[str, Any], shape: Shape) -> Facts:
        _need_rank(shape, rank + 1)
        return Facts((shape[-1],), 0, math.prod(shape))

    return infer


def _spatial(shape: Shape, window: list[int], strides: list[int], padding: str) -> tuple[Shape, int]:
    _need_rank(shape, len(window) + 1)
    if padding == "same":
        return tuple(-(-n // s) for n, s in zip(shape, strides, strict=False)), shape[-1]
    sizes = tuple((n - k) // s + 1 for n, k, s in zip(shape, window, strides, strict=False))
    if min(sizes) < 1:
        raise ValueError(f"its window {window} is larger than its input {list(shape)}")
    return sizes, shape[-1]


def _need_rank(shape: Shape, rank: int) -> None:
    if len(shape) != rank:
        raise ValueError(f"it takes {rank} dimensions per example, but gets {list(shape)}")


def _reshape(s: Mapping[str, Any], shape: Shape) -> Facts:
    target, total = s["target_shape"], math.prod(shape)
    known = math.prod(n for n in target if n != -1)
    sizes = tuple(total // known if n == -1 else n for n in target)
    if math.prod(sizes) != total:
        raise ValueError(f"{total} values do not fit the shape {target}")
    return Facts(sizes, 0, 0)


def _pad(s: Mapping[str, Any], shape: Shape) -> Facts:
    _need_rank(shape, 3)
    (top, bottom), (left, right) = s["padding"]
    return Facts((shape[0] + top + bottom, shape[1] + left + right, shape[2]), 0, 0)


def _same(flops_per_value: int) -> Callable[[Mapping[str, Any], Shape], Facts]:
    return lambda _, shape: Facts(shape, 0, flops_per_value * math.prod(shape))


def _batch_norm(s: Mapping[str, Any], shape: Shape) -> Facts:
    return Facts(shape, shape[-1] * (2 + s["scale"] + s["center"]), 4 * math.prod(shape))


def _layer_norm(s: Mapping[str, Any], shape: Shape) -> Facts:
    return Facts(shape, shape[-1] * (int(s["scale"]) + s["center"]), 6 * math.prod(shape))


_GLOROT = {"class_name": "GlorotUniform", "config": {}}
_ZEROS = {"class_name": "Zeros", "config": {}}
_BIAS = {"use_bias": Setting(flag, True), "bias_initializer": Setting(initializer, _ZEROS)}
_KERNEL = {"kernel_initializer": Setting(initializer, _GLOROT)}
_ACTIVATION = {"activation": Setting(one_of(*ACTIVATIONS), "linear")}
_PADDING = {"padding": Setting(one_of("valid", "same"), "valid")}


def _window(rank: int) -> dict[str, Setting]:
    return {
        "kernel_size": Setting(pair(1, MAX_KERNEL, rank), REQUIRED),
        "strides": Setting(pair(1, MAX_KERNEL, rank), 1),
        **_PADDING,
    }


def _pooling(rank: int) -> dict[str, Setting]:
    def strides(value: Any) -> list[int] | None:
        return None if value is None else pair(1, MAX_KERNEL, rank)(value)

    return {"pool_size": Setting(pair(1, MAX_KERNEL, rank), 2), "strides": Setting(strides), **_PADDING}


_FILTERS = {"filters": Setting(whole(1, MAX_UNITS), REQUIRED)}
_DEPTH = {
    "depth_multiplier": Setting(whole(1, 16), 1),
    "depthwise_initializer": Setting(initializer, _GLOROT),
}
_NORM = {
    "scale": Setting(flag, True),
    "center": Setting(flag, True),
    "epsilon": Setting(real(1e-9, 1.0), 1e-3),
}

KINDS: Mapping[str, LayerKind] = {
    "dense": LayerKind(
        "Dense", {"units": Setting(whole(1, MAX_UNITS), REQUIRED), **_ACTIVATION, **_BIAS, **_KERNEL}, _dense
    ),
    "conv1d": LayerKind("Conv1D", {**_FILTERS, **_window(1), **_ACTIVATION, **_BIAS, **_KERNEL}, _conv),
    "conv2d": LayerKind("Conv2D", {**_FILTERS, **_window(2), **_ACTIVATION, **_BIAS, **_KERNEL}, _conv),
    "depthwise_conv2d": LayerKind(
        "DepthwiseConv2D", {**_window(2), **_DEPTH, **_ACTIVATION, **_BIAS}, _depthwise
    ),
    "separable_conv2d": LayerKind(
        "SeparableConv2D",
        {
            **_FILTERS,
            **_window(2),
            **_DEPTH,
            **_ACTIVATION,
            **_BIAS,
            "pointwise_initializer": Setting(initializer, _GLOROT),
        },
        _separable,
    ),
    "max_pooling1d": LayerKind("MaxPooling1D", _pooling(1), _pool),
    "max_pooling2d": LayerKind("MaxPooling2D", _pooling(2), _pool),
    "average_pooling1d": LayerKind("AveragePooling1D", _pooling(1), _pool),
    "average_pooling2d": LayerKind("AveragePooling2D", _pooling(2), _pool),
    "global_average_pooling1d": LayerKind("GlobalAveragePooling1D", {}, _global_pool(1)),
    "global_average_pooling2d": LayerKind("GlobalAveragePooling2D", {}, _global_pool(2)),
    "global_max_pooling1d": LayerKind("GlobalMaxPooling1D", {}, _global_pool(1)),
    "global_max_pooling2d": LayerKind("GlobalMaxPooling2D", {}, _global_pool(2)),
    "flatten": LayerKind("Flatten", {}, lambda _, shape: Facts((math.prod(shape),), 0, 0)),
    "reshape": LayerKind("Reshape", {"target_shape": Setting(shape_list, REQUIRED)}, _reshape),
    "zero_padding2d": LayerKind("ZeroPadding2D", {"padding": Setting(sides, 1)}, _pad),
    "dropout": LayerKind("Dropout", {"rate": Setting(real(0.0, 0.95), REQUIRED)}, _same(0)),
    "spatial_dropout2d": LayerKind(
        "SpatialDropout2D", {"rate": Setting(real(0.0, 0.95), REQUIRED)}, _same(0)
    ),
    "rescaling": LayerKind(
        "Rescaling",
        {"scale": Setting(real(-1e6, 1e6), REQUIRED), "offset": Setting(real(-1e6, 1e6), 0.0)},
        _same(2),
    ),
    "batch_normalization": LayerKind(
        "BatchNormalization", {**_NORM, "momentum": Setting(real(0.0, 1.0), 0.99)}, _batch_norm
    ),
    "layer_normalization": LayerKind("LayerNormalization", _NORM, _layer_norm),
    "activation": LayerKind("Activation", {"activation": Setting(one_of(*ACTIVATIONS), REQUIRED)}, _same(1)),
    "leaky_relu": LayerKind("LeakyReLU", {"negative_slope": Setting(real(0.0, 10.0), 0.3)}, _same(1)),
}
