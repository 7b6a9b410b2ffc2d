"""Frozen dataclasses to and from JSON-able values, strictly: unknown keys, missing keys and wrong types are refused."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


class WireError(ValueError):
    """A value that does not have the shape its message promises; the text names the path of the offending field."""


def to_wire(value: Any) -> Any:
    """Turn dataclasses, enums, tuples and mappings into plain JSON values (tuples become lists)."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_wire(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(k): to_wire(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [to_wire(v) for v in value]
    return value


def from_wire(kind: type[T], value: Any, path: str = "") -> T:
    """Build `kind` (a dataclass) from plain JSON values; raise WireError at the first field that does not fit."""
    return typing.cast("T", _decode(kind, value, path or kind.__name__))


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _decode(kind: Any, value: Any, path: str) -> Any:
    origin = typing.get_origin(kind)
    if kind is Any:
        return value
    if isinstance(kind, typing.NewType):
        return _decode(kind.__supertype__, value, path)
    if origin in (typing.Union, types.UnionType):
        return _decode_union(kind, value, path)
    if origin is tuple:
        return _decode_tuple(typing.get_args(kind), value, path)
    if origin in (dict, Mapping) or kind is dict:
        return _decode_mapping(typing.get_args(kind), value, path)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError as error:
            raise WireError(f"{path}: {value!r} is not one of {[m.value for m in kind]}") from error
    if dataclasses.is_dataclass(kind):
        return _decode_dataclass(typing.cast("type", kind), value, path)
    return _decode_scalar(kind, value, path)


def _decode_union(kind: Any, value: Any, path: str) -> Any:
    options = typing.get_args(kind)
    if value is None and type(None) in options:
        return None
    errors = []
    for option in options:
        if option is type(None):
            continue
        try:
            return _decode(option, value, path)
        except WireError as error:
            errors.append(str(error))
    raise WireError("; ".join(errors))


def _decode_tuple(args: tuple[Any, ...], value: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise WireError(f"{path}: expected a list, got {type(value).__name__}")
    if len(args) == 2 and args[1] is Ellipsis:
        return tuple(_decode(args[0], item, f"{path}[{i}]") for i, item in enumerate(value))
    if len(args) != len(value):
        raise WireError(f"{path}: expected {len(args)} items, got {len(value)}")
    return tuple(
        _decode(arg, item, f"{path}[{i}]") for i, (arg, item) in enumerate(zip(args, value, strict=True))
    )


def _decode_mapping(args: tuple[Any, ...], value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise WireError(f"{path}: expected an object, got {type(value).__name__}")
    of = args[1] if args else Any
    return {_text(str(k), path): _decode(of, v, f"{path}.{k}") for k, v in value.items()}


def _decode_dataclass(kind: type, value: Any, path: str) -> Any:
    if not isinstance(value, Mapping):
        raise WireError(f"{path}: expected an object, got {type(value).__name__}")
    fields = {f.name: f for f in dataclasses.fields(kind)}
    unknown = sorted(set(value) - set(fields))
    if unknown:
        raise WireError(f"{path}: unknown field {unknown[0]!r}")
    hints = _hints(kind)
    given = {}
    for name, field in fields.items():
        if name in value:
            given[name] = _decode(hints[name], value[name], f"{path}.{name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise WireError(f"{path}: field {name!r} is missing")
    try:
        return kind(**given)
    except (ValueError, TypeError) as error:
        raise WireError(f"{path}: {error}") from error


def _decode_scalar(kind: Any, value: Any, path: str) -> Any:
    if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(value, path)
    if kind is str and isinstance(value, str):
        return _text(value, path)
    if kind is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind is bool and isinstance(value, bool):
        return value
    raise WireError(f"{path}: expected {getattr(kind, '__name__', kind)}, got {type(value).__name__}")


def _finite(value: float, path: str) -> float:
    try:
        number = float(value)
    except OverflowError:  # JSON's whole numbers have no end
        number = math.inf
    if not math.isfinite(number):
        raise WireError(f"{path}: must be a finite number")
    return number


def _text(value: str, path: str) -> str:
    """JSON's escapes can hold halves of surrogate pairs, which no encoding can write: neither hashes nor letters."""
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise WireError(f"{path}: must be Unicode text") from error
    return value
