"""Where processes cross into the world: the methods that are watched, and what a call is about.

Standard library only, for it runs in the nodes' environments as well.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any

from scripts.chaos.points import AFTER, BEFORE

About = Callable[[Sequence[Any]], str]
Reach = Callable[[str, str, str], None]
"""Called with method, what it is about, and side at every crossing."""


def _nothing(_: Sequence[Any]) -> str:
    return ""


def _kind_of(position: int) -> About:
    return lambda given: type(given[position]).__name__


def _task_kind(given: Sequence[Any]) -> str:
    """Of the first task in a list of them."""
    return str(given[0][0].kind.value) if given and given[0] else ""


def _task_document(given: Sequence[Any]) -> str:
    return str(given[0].get("kind", ""))


def _letter(given: Sequence[Any]) -> str:
    return str(given[0].key.split("/")[-1])


def _effect_key(given: Sequence[Any]) -> str:
    """`T/round/2` is about a round, `node/baseline/...` about a baseline."""
    parts = str(given[0]).split("/")
    return parts[1] if len(parts) > 1 else ""


@dataclass(frozen=True)
class Crossing:
    """A method of a class in a module, or where `kind` is empty a function of the module; `about` reads from its arguments, without
    `self`, what a call is about."""

    module: str
    kind: str
    method: str
    about: About = _nothing

    @property
    def name(self) -> str:
        """As points name it."""
        return f"{self.kind or self.module.rpartition('.')[2]}.{self.method}"

    def owner(self) -> Any:
        """The class or module that has it."""
        module = importlib.import_module(self.module)
        return getattr(module, self.kind) if self.kind else module


_MONGO, _CHAIN = "backend.adapters.mongo", "backend.adapters.chain"
BACKEND = (
    Crossing(f"{_MONGO}.tickets", "MongoTickets", "add"),
    Crossing(f"{_MONGO}.tickets", "MongoTickets", "advance", _kind_of(1)),
    Crossing(f"{_MONGO}.tickets", "MongoTickets", "claim"),
    Crossing(f"{_MONGO}.effects", "MongoEffects", "done", _effect_key),
    Crossing(f"{_MONGO}.tasks", "MongoTasks", "put", _task_kind),
    Crossing(f"{_MONGO}.tasks", "MongoTasks", "answer"),
    Crossing(f"{_MONGO}.nodes", "MongoNodes", "mirror"),
    Crossing(f"{_MONGO}.nodes", "MongoNodes", "seen"),
    Crossing(f"{_MONGO}.cursors", "MongoCursors", "save"),
    Crossing(f"{_MONGO}.rating_steps", "MongoRatingSteps", "add"),
    Crossing(f"{_CHAIN}.market", "Web3Market", "carry_out", _kind_of(0)),
    Crossing(f"{_CHAIN}.carbon", "Web3Carbon", "carry_out", _kind_of(0)),
    Crossing(f"{_CHAIN}.ledger", "Web3Ledger", "write", _kind_of(0)),
    Crossing(f"{_CHAIN}.rater", "Web3Rater", "set_baseline"),
    Crossing(f"{_CHAIN}.certificates", "Web3Certificates", "certify"),
    # Between the two a transaction is in the pool and nobody knows it.
    Crossing("web3.eth", "Eth", "send_raw_transaction"),
    Crossing("backend.adapters.storage.folder", "FolderObjects", "put"),
    Crossing("backend.adapters.storage.folder", "FolderObjects", "write_part"),
    Crossing("backend.adapters.mail.smtp", "SmtpMail", "send", _letter),
)
WORKER = (
    Crossing("fl_nodes.session", "", "answered", _task_document),
    Crossing("fl_nodes.objects", "ObjectStore", "fetch"),
    Crossing("fl_nodes.objects", "ObjectStore", "put"),
    Crossing("fl_nodes.connection", "Connection", "call"),
)


def crossings_of(module: str) -> tuple[Crossing, ...]:
    """The crossings of what runs as this module."""
    return BACKEND if module.partition(".")[0] == "backend" else WORKER


def watch(crossings: Sequence[Crossing], reach: Reach) -> None:
    """Have `reach` called before each crossing, and after each that did not raise."""
    for crossing in crossings:
        owner = crossing.owner()
        kept = getattr(owner, crossing.method)
        setattr(owner, crossing.method, _watched(kept, crossing, reach))


def _watched(kept: Callable[..., Any], crossing: Crossing, reach: Reach) -> Callable[..., Any]:
    first = 1 if crossing.kind else 0

    @wraps(kept)
    def call(*given: Any, **named: Any) -> Any:
        what = crossing.about((*given[first:], *named.values()))
        reach(crossing.name, what, BEFORE)
        result = kept(*given, **named)
        reach(crossing.name, what, AFTER)
        return result

    return call
