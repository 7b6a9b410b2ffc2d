"""Node providers in MongoDB."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pymongo.errors import DuplicateKeyError

from backend.adapters import presence as rules
from backend.adapters import records
from backend.adapters.mongo.connection import Database, Document, translated
from backend.domain.node import Node
from backend.domain.rating import Baseline
from backend.errors import NotFound, Recoverable

ATTEMPTS = 40


class MongoNodes:
    """`ports.Nodes`. Whole nodes are replaced under compare-and-set: chain and socket may write at once."""

    def __init__(self, db: Database) -> None:
        self._nodes = db.journaled("nodes")

    @translated()
    def mirror(self, node: Node) -> None:
        """Insert or update what the chain says; presence fields are kept."""
        self._replace(node.provider, lambda known: rules.mirrored(known, node))

    @translated()
    def seen(self, provider: str, at: float, presence: dict[str, Any] | None = None) -> None:
        """It is online now; NotFound `node.unknown` before its first `mirror`, Invalid `node.presence`."""

        def update(known: Node | None) -> Node:
            if known is None:
                raise NotFound("node.unknown", f"There is no node of provider {provider}.")
            return rules.seen(known, at, presence)

        self._replace(provider, update)

    @translated()
    def gone(self, provider: str, at: float) -> None:
        """Its connection closed; ignored where it was seen after `at`."""
        self._replace(provider, lambda known: rules.gone(known, at) if known else None)

    @translated()
    def rated(self, provider: str, baseline: Baseline) -> None:
        """What the rater knows of it; NotFound `node.unknown`."""

        def update(known: Node | None) -> Node:
            if known is None:
                raise NotFound("node.unknown", f"There is no node of provider {provider}.")
            return rules.rated(known, baseline)

        self._replace(provider, update)

    @translated()
    def may_rest(self, provider: str, until: float) -> None:
        """Nobody is expected to need it until then; ignored for a node that is not known."""
        self._replace(provider, lambda known: rules.may_rest(known, until) if known else None)

    @translated()
    def get(self, provider: str) -> Node | None:
        """By staking wallet."""
        found = self._nodes.find_one({"_id": {"$eq": provider}})
        return _node(found) if found else None

    @translated()
    def by_key(self, key: str) -> Node | None:
        """By machine key."""
        found = self._nodes.find_one({"key": {"$eq": key}})
        return _node(found) if found else None

    @translated()
    def all(self) -> list[Node]:
        """Every known node, by provider."""
        return [_node(document) for document in self._nodes.find().sort("_id")]

    def _replace(self, provider: str, update: Callable[[Node | None], Node | None]) -> None:
        for _ in range(ATTEMPTS):
            found = self._nodes.find_one({"_id": {"$eq": provider}})
            before = _node(found) if found else None
            after = update(before)
            if after is None or after == before:
                return
            fields = {
                "key": after.key,
                "body": records.pack(after),
                "version": found["version"] + 1 if found else 0,
            }
            if found is None:
                try:
                    self._nodes.insert_one({"_id": provider} | fields)
                    return
                except DuplicateKeyError:
                    continue
            expected = {"_id": provider, "version": found["version"]}
            if self._nodes.update_one(expected, {"$set": fields}).matched_count == 1:
                return
        raise Recoverable("node.contended", f"Node {provider} is being changed by others; try again shortly.")


def _node(document: Document) -> Node:
    return records.build(Node, records.unpack(document["body"]))
