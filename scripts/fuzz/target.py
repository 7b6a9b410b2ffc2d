"""What a fuzzed parser is: how to open it, and what a valid input looks like."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Judge = Callable[[bytes], None]
"""Give one input to the parser. Returns where it was described or refused as promised; anything else is raised."""


class BrokenPromise(AssertionError):
    """The parser answered, but not as it promises to."""


@dataclass(frozen=True)
class Target:
    """A parser: `open` prepares it once, `seeds` are inputs to start from, `words` what its inputs are often made of."""

    name: str
    open: Callable[[], Judge]
    seeds: Callable[[], Sequence[bytes]]
    words: tuple[bytes, ...] = ()
    largest: int = 4_096


def promised(holds: bool, said: str) -> None:
    """BrokenPromise unless it holds."""
    if not holds:
        raise BrokenPromise(said)


def sentence(message: str) -> None:
    """A refusal is one sentence for a person."""
    promised(message.endswith(".") and message.isprintable(), f"no sentence: {message[:200]!r}")


def seed(value: Any) -> bytes:
    """A value as JSON."""
    return json.dumps(value).encode()


def text_of(data: bytes) -> str:
    """Any bytes as a text. What is no UTF-8 becomes halves of surrogate pairs, as JSON's escapes can hold them."""
    return data.decode("utf-8", "surrogateescape")


def document_of(data: bytes) -> Any:
    """What a JSON text holds, as Socket.IO and the API's readers see it: NaN and infinities too. ValueError for other texts."""
    try:
        return json.loads(data)
    except RecursionError as error:
        raise ValueError("too deep") from error
