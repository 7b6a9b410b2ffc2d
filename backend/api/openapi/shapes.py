"""JSON Schemas of what travels: of the dataclasses exactly as `fl_nodes.protocol.wire` reads and writes them, and small words
for answers that are no dataclass."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
NUMBER: Schema = {"type": "number"}
FLAG: Schema = {"type": "boolean"}
WEI: Schema = {"type": "string", "pattern": "^[0-9]+$"}
WORD: Schema = {"type": "string", "pattern": "^0x[0-9a-f]{64}$"}
SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
ANY: Schema = {}
DOCUMENT: Schema = {"type": "object"}
_SCALARS: dict[Any, Schema] = {str: TEXT, int: WHOLE, float: NUMBER, bool: FLAG, type(None): {"type": "null"}}


def ref(name: str) -> Schema:
    """A schema kept under its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def thing(**properties: Schema) -> Schema:
    """An object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def many(of: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": of}


def by_name(of: Schema) -> Schema:
    """An object whose properties are all alike."""
    return {"type": "object", "additionalProperties": of}


def maybe(of: Schema) -> Schema:
    """It, or null."""
    return {"anyOf": [of, {"type": "null"}]}


class Shapes:
    """Schemas by name: those of dataclasses are added when they are first asked for."""

    def __init__(self) -> None:
        self.named: dict[str, Schema] = {}

    def keep(self, name: str, schema: Schema) -> Schema:
        """Keep a schema under a name."""
        self.named[name] = schema
        return ref(name)

    def of(self, kind: Any) -> Schema:
        """The schema of a type; ValueError for one that does not travel."""
        if kind is Any:
            return ANY
        if isinstance(kind, typing.NewType):
            return self.of(kind.__supertype__)
        origin, args = typing.get_origin(kind), typing.get_args(kind)
        if origin in (typing.Union, types.UnionType):
            return {"anyOf": [self.of(option) for option in args]}
        if origin in (tuple, list):
            return self._sequence(args)
        if origin in (dict, Mapping) or kind is dict:
            return by_name(self.of(args[1]) if args else ANY)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return {"enum": [member.value for member in kind]}
        if dataclasses.is_dataclass(kind):
            return self._dataclass(typing.cast("type", kind))
        if kind in _SCALARS:
            return _SCALARS[kind]
        raise ValueError(f"{kind!r} does not travel")

    def fields(self, kind: type, *without: str) -> dict[str, Schema]:
        """The schemas of a dataclass's fields."""
        hints = typing.get_type_hints(kind)
        return {f.name: self.of(hints[f.name]) for f in dataclasses.fields(kind) if f.name not in without}

    def asked(self, kind: type, **instead: Schema) -> Schema:
        """A dataclass as a request brings it: what has a default may be left out, and nothing else may be there."""
        name = f"{kind.__name__}Asked" if kind.__name__ in self.named else kind.__name__
        needed = [
            f.name
            for f in dataclasses.fields(kind)
            if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
        ]
        properties = self.fields(kind) | instead
        schema = thing(**properties) | {"required": sorted(needed)}
        return self.keep(name, schema | _told(kind))

    def _sequence(self, args: tuple[Any, ...]) -> Schema:
        if len(args) == 2 and args[1] is Ellipsis:
            return many(self.of(args[0]))
        if len(args) == 1:
            return many(self.of(args[0]))
        items = [self.of(arg) for arg in args]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}

    def _dataclass(self, kind: type) -> Schema:
        name = kind.__name__
        if name not in self.named:
            self.named[name] = {}  # it may hold itself
            self.named[name] = thing(**self.fields(kind)) | _told(kind)
        return ref(name)


def _told(kind: type) -> Schema:
    said = (kind.__doc__ or "").strip()
    return {"description": " ".join(said.split())} if said else {}
