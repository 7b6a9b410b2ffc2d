"""Tickets, effects and plain data as JSON text, the form both stores keep.

Text and not native documents: fees exceed the 64 bits of BSON integers, and field names may contain dots.
"""

from __future__ import annotations

import json
import typing
from typing import Any

from backend.domain.effects import Effect
from backend.domain.ticket import Ticket
from backend.errors import Invalid, Unrecoverable
from fl_nodes.protocol.wire import T, WireError, from_wire, to_wire

EFFECT_KINDS: dict[str, type[Effect]] = {kind.__name__: kind for kind in typing.get_args(Effect)}


def pack(value: Any) -> str:
    """JSON text of a dataclass or plain value; Invalid `data.not_json` for what JSON cannot carry (NaN)."""
    try:
        return json.dumps(to_wire(value), allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as error:
        raise Invalid("data.not_json", f"The value cannot be stored as JSON: {error}.") from error


def unpack(text: str) -> Any:
    """The plain value of `pack`'s text."""
    return json.loads(text)


def build(kind: type[T], fields: Any) -> T:
    """A dataclass from its stored fields; Unrecoverable `data.unreadable` where they no longer fit."""
    try:
        return from_wire(kind, fields)
    except WireError as error:
        raise Unrecoverable("data.unreadable", f"A stored record cannot be read: {error}.") from error


def ticket(text: str) -> Ticket:
    """A ticket from `pack`'s text."""
    return build(Ticket, unpack(text))


def kind_of(effect: Effect) -> str:
    """The name an effect is queued under: its class's."""
    return type(effect).__name__


def effect(kind: str, text: str) -> Effect:
    """An effect from its class's name and `pack`'s text."""
    if kind not in EFFECT_KINDS:
        raise Unrecoverable("data.unreadable", f"A stored effect has the unknown kind {kind!r}.")
    return build(EFFECT_KINDS[kind], unpack(text))
