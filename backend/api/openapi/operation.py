"""One operation of the API as it is described: who may call it, what it takes and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from backend.api.openapi.shapes import Schema

JSON = "application/json"


class Who(StrEnum):
    """Who may call an operation."""

    ANYBODY = "anybody"
    SESSION = "whoever is signed in"
    WALLET = "whoever is signed in and acts for a wallet"
    LINK = "the ticket's customer, or who holds a link to it"
    OVERSEER = "the escrow's arbiter or admin"
    HOLDER = "who holds the link's token"
    SIGNED = "who holds the signed URL"


@dataclass(frozen=True)
class Operation:
    """`takes` is the dataclass of the request's body, `instead` schemas in place of some of its fields, `query` the parameters
    after the question mark, `answers` what comes of it by status (None: no body), `refuses` the statuses of its own refusals beside
    those that follow from the rest.
    """

    summary: str
    answers: dict[int, Schema | None]
    who: Who = Who.ANYBODY
    takes: type | None = None
    query: dict[str, Schema] = field(default_factory=dict)
    headers: dict[str, Schema] = field(default_factory=dict)
    refuses: tuple[int, ...] = ()
    media: str = JSON
