"""Checkers of layer settings: each takes a value from outside and gives it back normalised, or raises ValueError with why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

ACTIVATIONS = (
    "linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "sigmoid", "hard_sigmoid", "tanh",
    "softplus", "softsign", "softmax", "exponential",
)  # fmt: skip
INITIALIZERS: Mapping[str, tuple[str, ...]] = {
    "GlorotUniform": (),
    "GlorotNormal": (),
    "HeUniform": (),
    "HeNormal": (),
    "LecunUniform": (),
    "LecunNormal": (),
    "Zeros": (),
    "Ones": (),
    "Constant": ("value",),
    "RandomNormal": ("mean", "stddev"),
    "RandomUniform": ("minval", "maxval"),
    "TruncatedNormal": ("mean", "stddev"),
    "Orthogonal": ("gain",),
}
MAX_UNITS = 65_536
MAX_KERNEL = 64
MAX_RANK = 4


def whole(low: int, high: int) -> Callable[[Any], int]:
    """A checker of whole numbers in [low, high]."""

    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low} to {high}, not {value!r}")
        return int(value)

    return check


def real(low: float, high: float) -> Callable[[Any], float]:
    """A checker of finite numbers in [low, high]."""

    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"must be a number from {low} to {high}, not {value!r}")
        return float(value)

    return check


def pair(low: int, high: int, rank: int) -> Callable[[Any], list[int]]:
    """A checker of `rank` whole numbers; one number stands for all."""
    one = whole(low, high)

    def check(value: Any) -> list[int]:
        values = [value] * rank if isinstance(value, int) else value
        if not isinstance(values, list | tuple) or len(values) != rank:
            raise ValueError(f"must be {rank} whole number(s), not {value!r}")
        return [one(v) for v in values]

    return check


def one_of(*options: str) -> Callable[[Any], str]:
    """A checker of names."""

    def check(value: Any) -> str:
        if not isinstance(value, str) or value not in options:
            raise ValueError(f"must be one of {', '.join(options)}, not {value!r}")
        return value

    return check


def flag(value: Any) -> bool:
    """A checker of true and false."""
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {value!r}")  # noqa: TRY004 -- a bad setting, not a bad call
    return value


def shape_list(value: Any) -> list[int]:
    """A checker of shapes without the batch dimension."""
    if not isinstance(value, list | tuple) or not 1 <= len(value) <= MAX_RANK:
        raise ValueError(f"must be a list of 1 to {MAX_RANK} whole numbers, not {value!r}")
    one = whole(-1, 2**24)
    if list(value).count(-1) > 1 or 0 in value:
        raise ValueError(f"may leave at most one size open (-1) and none zero, not {value!r}")
    return [one(v) for v in value]


def initializer(value: Any) -> dict[str, Any]:
    """A checker of `{"class_name", "config"}` on the allow-list."""
    if not isinstance(value, Mapping) or value.get("class_name") not in INITIALIZERS:
        shown = value.get("class_name") if isinstance(value, Mapping) else value
        raise ValueError(f"must be one of the initializers {', '.join(INITIALIZERS)}, not {shown!r}")
    number = real(-1e3, 1e3)
    allowed = INITIALIZERS[value["class_name"]]
    config = {k: number(v) for k, v in dict(value.get("config") or {}).items() if k in allowed}
    return {"class_name": value["class_name"], "config": config}


def sides(value: Any) -> list[list[int]]:
    """A checker of paddings ((top, bottom), (left, right)); one number or one pair is spread as Keras does."""
    values = [value, value] if isinstance(value, int) else value
    if not isinstance(values, list | tuple) or len(values) != 2:
        raise ValueError(f"must be a number or two pairs of numbers, not {value!r}")
    return [pair(0, 1024, 2)(v) for v in values]
