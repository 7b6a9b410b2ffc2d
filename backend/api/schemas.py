"""What requests may contain, checked field by field."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, replace
from typing import Any, Never, TypeVar

from eth_utils.address import is_address, to_checksum_address
from flask import Request

from backend.domain.spec import DatasetFacts, JobSpec
from backend.domain.user import plain_email
from backend.errors import Invalid
from fl_nodes.protocol.payout import Weights
from fl_nodes.protocol.wire import WireError, from_wire, to_wire

T = TypeVar("T")

MAX_DEADLINE_SECONDS = 30 * 24 * 3600
MAX_ROWS = 10**9
MAX_COLUMNS = 10**6
MAX_CLASSES = 10_000
MAX_CLASS_NAME = 200
MAX_NAME = 255
MAX_VALUES_PER_ROW = 16_000_000
MAX_EMAIL = 254
FORMATS = ("csv", "npz", "idx", "zip")
_EMAIL = re.compile(r"[^@\s<>\"(),:;\\\x00-\x1f]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class PriceRequest:
    """POST /api/prices."""

    dataset: DatasetFacts
    spec: dict[str, Any]
    deadline_seconds: int | None = None


@dataclass(frozen=True)
class QuoteRequest(PriceRequest):
    """POST /api/quotes."""

    email: str | None = None


@dataclass(frozen=True)
class InvitationRequest:
    """POST /api/provider/invitations."""

    name: str
    role: str


@dataclass(frozen=True)
class FaucetRequest:
    """POST /api/faucet."""

    address: str


def body(request: Request, kind: type[T]) -> T:
    """The request's JSON as `kind`; Invalid `request.json` or `request.shape`."""
    raw = request.get_data(cache=False)
    try:
        document = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Invalid("request.json", "The request's body must be JSON.") from error
    return shaped(kind, document)


def shaped(kind: type[T], document: Any, code: str = "request.shape") -> T:
    """`document` as `kind`; Invalid `code` names the field that does not fit."""
    try:
        return from_wire(kind, document)
    except (WireError, RecursionError) as error:
        raise Invalid(code, f"{error}.") from error


def _no_constant(name: str) -> Never:
    raise ValueError(name)


def account(text: str) -> str:
    """A checksum address; Invalid `address.invalid`."""
    if not text.startswith("0x") or not is_address(text):
        raise Invalid(
            "address.invalid", "That is not an address: expected 0x and 40 hex digits with a right checksum."
        )
    return str(to_checksum_address(text))


def spec(fields: dict[str, Any], seed: int, weights: Weights) -> JobSpec:
    """The specification asked for; `seed` fills in where none is named. The weights of pay are the market's: `spec.weights`."""
    asked = shaped(JobSpec, {"seed": seed, "weights": to_wire(weights), **fields}, "spec.shape")
    if asked.weights != weights:
        raise Invalid("spec.weights", f"This market pays by {weights}: leave the weights out.")
    return asked


def facts(claimed: DatasetFacts, max_bytes: int) -> DatasetFacts:
    """The dataset's claimed facts within their bounds; Invalid `dataset.*`."""
    _text("dataset.name", "name", claimed.name, MAX_NAME)
    _within("dataset.size", "size", claimed.size, 1, max_bytes)
    _within("dataset.rows", "rows", claimed.rows, 1, MAX_ROWS)
    _within("dataset.columns", "columns", claimed.columns, 1, MAX_COLUMNS)
    if not _SHA256.fullmatch(claimed.sha256.lower()):
        raise Invalid("dataset.sha256", "sha256 must be 64 hex digits.")
    if claimed.format not in FORMATS:
        raise Invalid(
            "dataset.format", f"format must be one of {', '.join(FORMATS)}, not {claimed.format[:40]!r}."
        )
    if claimed.target is not None:
        _text("dataset.target", "target", claimed.target, MAX_NAME)
    _classes(claimed.classes)
    _input_shape(claimed.input_shape)
    return replace(claimed, sha256=claimed.sha256.lower())


def _classes(names: tuple[str, ...]) -> None:
    if len(set(names)) < 2:
        raise Invalid(
            "dataset.one_class",
            f"The target has {len(set(names))} class: learning to tell classes apart needs at least 2.",
        )
    if len(names) > MAX_CLASSES:
        raise Invalid(
            "dataset.too_many_classes",
            f"The target has {len(names)} classes; at most {MAX_CLASSES} are accepted.",
        )
    if len(set(names)) != len(names):
        raise Invalid("dataset.classes", "Each class may be named once.")
    for name in names:
        if len(name) > MAX_CLASS_NAME:
            raise Invalid("dataset.classes", f"A class's name may have at most {MAX_CLASS_NAME} characters.")


def _input_shape(shape: tuple[int, ...]) -> None:
    if not 1 <= len(shape) <= 3 or any(n < 1 for n in shape) or math.prod(shape) > MAX_VALUES_PER_ROW:
        raise Invalid(
            "dataset.input_shape", f"input_shape must have 1 to 3 positive sizes, not {list(shape)[:4]}."
        )


def deadline_seconds(asked: int | None, shortest: int, default: int) -> int:
    """Seconds until the deadline; Invalid `deadline.bounds`."""
    seconds = default if asked is None else asked
    _within("deadline.bounds", "deadline_seconds", seconds, shortest, MAX_DEADLINE_SECONDS)
    return seconds


def email(text: str | None) -> str | None:
    """A mail address; Invalid `email.invalid`."""
    if text is not None and (len(text) > MAX_EMAIL or not _EMAIL.fullmatch(text)):
        raise Invalid("email.invalid", "That is not a mail address we can write to.")
    return text


def email_of(text: str) -> str:
    """An account's mail address in its plain form; Invalid `email.invalid`."""
    plain = plain_email(text)
    email(plain)
    return plain


def _text(code: str, name: str, value: str, longest: int) -> None:
    if not 1 <= len(value) <= longest or not value.isprintable():
        raise Invalid(code, f"{name} must be 1 to {longest} printable characters.")


def _within(code: str, name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise Invalid(code, f"{name} must be between {low} and {high}, not {value}.")
