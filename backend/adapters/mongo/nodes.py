"""Node providers in MongoDB."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from pymongo.errors import DuplicateKeyError

from backend.adapters import presence as rules
from backend.adapters import records
from backend.adapters.mongo.connection import Database, Document, translated
from backend.domain.node import Node
from backend.domain.rating import Baseline
from backend.errors import NotFound, Recoverable

ATTEMPTS = 40
STANDING = {"version": 1, "online": 1, "last_seen": 1}


class MongoNodes:
    """`ports.Nodes`. Whole nodes are replaced under compare-and-set: chain and socket may write at once.

    Whether a node is online, and when it was last seen, stands beside its body: that changes every few seconds for every node
    that is connected, and is written for all of them at once. Bodies that were read are remembered by their version.
    """

    def __init__(self, db: Database) -> None:
        self._nodes = db.journaled("nodes")
        self._bodies: dict[str, tuple[int, Node]] = {}

    @translated()
    def mirror(self, node: Node) -> None:
        """Insert or update what the chain says; presence fields are kept."""
        self._replace(node.provider, lambda known: rules.mirrored(known, node))

    @translated()
    def seen(self, provider: str, at: float, presence: dict[str, Any] | None = None) -> None:
        """It is online now; NotFound `node.unknown` before its first `mirror`, Invalid `node.presence`."""

        def update(known: Node | None) -> Node:
            if known is None:
                raise _unknown(provider)
            said = rules.seen(known, at, presence)
            return replace(said, online=known.online, last_seen=known.last_seen)

        if presence:
            self._replace(provider, update)
        if not self._present({"$eq": provider}, at):
            raise _unknown(provider)

    @translated()
    def present(self, providers: Collection[str], at: float) -> None:
        """All these are online now; who is not known is ignored."""
        if providers:
            self._present({"$in": list(providers)}, at)

    @translated()
    def gone(self, provider: str, at: float) -> None:
        """Its connection closed; ignored where it was seen after `at`."""
        not_after = {"_id": {"$eq": provider}, "last_seen": {"$not": {"$gt": at}}}
        self._nodes.update_one(not_after, {"$set": {"online": False, "last_seen": at}})

    @translated()
    def rated(self, provider: str, baseline: Baseline) -> None:
        """What the rater knows of it; NotFound `node.unknown`."""

        def update(known: Node | None) -> Node:
            if known is None:
                raise _unknown(provider)
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
        """Every known node, by provider. Only bodies that have changed since the last time are read."""
        standing = {found["_id"]: found for found in self._nodes.find({}, STANDING)}
        known = self._bodies
        bodies = {p: known[p] for p, s in standing.items() if p in known and known[p][0] == s["version"]}
        changed = [provider for provider in standing if provider not in bodies]
        for found in self._nodes.find({"_id": {"$in": changed}}) if changed else ():
            bodies[found["_id"]] = found["version"], _node(found)
        self._bodies = bodies
        return [_standing(bodies[provider][1], standing[provider]) for provider in sorted(bodies)]

    def _present(self, meant: Document, at: float) -> bool:
        now_online = {"$set": {"online": True}, "$max": {"last_seen": at}}
        return self._nodes.update_many({"_id": meant}, now_online).matched_count > 0

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
                    self._nodes.insert_one({"_id": provider, "online": False, "last_seen": 0.0} | fields)
                    return
                except DuplicateKeyError:
                    continue
            expected = {"_id": provider, "version": found["version"]}
            if self._nodes.update_one(expected, {"$set": fields}).matched_count == 1:
                return
        raise Recoverable("node.contended", f"Node {provider} is being changed by others; try again shortly.")


def _node(document: Document) -> Node:
    return _standing(records.build(Node, records.unpack(document["body"])), document)


def _standing(node: Node, document: Document) -> Node:
    """The node with its presence; one that an earlier version of this program wrote has it in its body."""
    if "online" not in document:
        return node
    return replace(node, online=document["online"], last_seen=document["last_seen"])


def _unknown(provider: str) -> NotFound:
    return NotFound("node.unknown", f"There is no node of provider {provider}.")
