"""Every message of the protocol, and every document that is kept and read again: its shape, or WireError."""

from __future__ import annotations

import dataclasses
import enum
import types
import typing
from collections.abc import Iterator
from typing import Any

from backend.api import account_requests
from backend.api.node_hello import Greeting, Hello
from backend.api.node_socket import Beat, Done, Failed
from backend.api.schemas import FaucetRequest, InvitationRequest, PriceRequest, QuoteRequest
from backend.api.ticket_socket import Auth, Watch
from backend.energy.statement import StatementInputs
from backend.verification.job_rounds import JobRounds
from backend.verification.round_evidence import RoundEvidence
from fl_nodes.protocol import bundle, ledger_epoch, ledger_tasks, operator_tasks, tasks
from fl_nodes.protocol.hashing import canonical_json
from fl_nodes.protocol.node_energy import NodeEnergy
from fl_nodes.protocol.site_supply import SiteSupply
from fl_nodes.protocol.wire import WireError, from_wire, to_wire
from scripts.fuzz.target import Judge, Target, document_of, promised, seed

PACKED = (tasks, operator_tasks, ledger_tasks, ledger_epoch, bundle, account_requests)


def _kinds() -> Iterator[type]:
    for module in PACKED:
        for found in vars(module).values():
            if (
                isinstance(found, type)
                and dataclasses.is_dataclass(found)
                and found.__module__ == module.__name__
            ):
                yield found
    yield from (Greeting, Hello, Beat, Done, Failed, Auth, Watch, NodeEnergy, SiteSupply)
    yield from (
        FaucetRequest,
        InvitationRequest,
        PriceRequest,
        QuoteRequest,
        StatementInputs,
        JobRounds,
        RoundEvidence,
    )


KINDS = tuple(_kinds())
DEEPEST = 4
ENDLESS = b"1" + b"0" * 400


def _messages() -> Judge:
    def judge(data: bytes) -> None:
        try:
            document = document_of(data[1:])
        except ValueError:
            return
        kind = KINDS[data[0] % len(KINDS)]
        try:
            read: Any = from_wire(kind, document)
        except WireError as error:
            promised(bool(str(error)), "a refusal without a word")
            return
        written = to_wire(read)
        try:
            canonical_json(read)
        except ValueError:
            # Where JSON of any kind may stand, what cannot be hashed is found by whoever hashes it.
            promised(kind in OPEN, "a message that cannot be hashed")
            return
        promised(to_wire(from_wire(kind, written)) == written, "read again, it is another message")

    return judge


def example(kind: Any, deep: int = 0) -> dict[str, Any]:
    """A plain value that has the shape of this kind."""
    return {name: _value(hint, deep + 1) for name, hint in typing.get_type_hints(kind).items()}


def _value(hint: Any, deep: int) -> Any:
    origin, given = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return _value(given[0], deep) if deep < DEEPEST else None
    if origin is tuple:
        several = len(given) == 2 and given[1] is Ellipsis
        return [_value(of, deep) for of in given[: 1 if several else None]]
    if isinstance(hint, typing.NewType):
        return _value(hint.__supertype__, deep)
    if origin is not None or hint in (dict, Any):
        return {}
    if dataclasses.is_dataclass(hint):
        return example(hint, deep)
    if issubclass(hint, enum.Enum):
        return next(iter(hint)).value
    return {int: 1, float: 0.5, str: "1", bool: True}[hint]


def _open(kind: Any) -> bool:
    """Whether JSON of any kind may stand in it."""
    return (
        kind is Any
        or kind is dict
        or any(map(_open, typing.get_args(kind)))
        or (dataclasses.is_dataclass(kind) and any(map(_open, typing.get_type_hints(kind).values())))
    )


OPEN = frozenset(filter(_open, KINDS))


def _seeds() -> list[bytes]:
    """Each kind as it should be, and with the values that JSON can carry and others cannot."""
    sound = [seed(example(kind)) for kind in KINDS]
    changes = (
        (b"0.5", ENDLESS),
        (b": 1,", b": " + ENDLESS + b","),
        (b'"1"', b'"\\ud800"'),
        (b'"1"', b'"\\u0000"'),
    )
    made = [[one, *(one.replace(*change) for change in changes)] for one in sound]
    return [bytes([i]) + form for i, forms in enumerate(made) for form in dict.fromkeys(forms)]


TARGETS = (
    Target(
        "messages",
        _messages,
        _seeds,
        (b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"[]", b"{}", b'"measured"', b"\\ud800"),
        8_192,
    ),
)
