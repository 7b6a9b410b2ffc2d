"""Node providers in memory."""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import Any

from backend.adapters import presence as rules
from backend.adapters import records
from backend.domain.node import Node
from backend.domain.rating import Baseline
from backend.errors import NotFound


class MemoryNodes:
    """`ports.Nodes`."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._bodies: dict[str, str] = {}

    def mirror(self, node: Node) -> None:
        """Insert or update what the chain says; presence fields are kept."""
        with self._lock:
            self._keep(rules.mirrored(self.get(node.provider), node))

    def seen(self, provider: str, at: float, presence: dict[str, Any] | None = None) -> None:
        """It is online now; NotFound `node.unknown` before its first `mirror`, Invalid `node.presence`."""
        with self._lock:
            known = self.get(provider)
            if known is None:
                raise NotFound("node.unknown", f"There is no node of provider {provider}.")
            self._keep(rules.seen(known, at, presence))

    def present(self, providers: Collection[str], at: float) -> None:
        """All these are online now; who is not known is ignored."""
        with self._lock:
            for known in filter(None, map(self.get, providers)):
                self._keep(rules.seen(known, at, None))

    def gone(self, provider: str, at: float) -> None:
        """Its connection closed; ignored where it was seen after `at`."""
        with self._lock:
            known = self.get(provider)
            if known is not None:
                self._keep(rules.gone(known, at))

    def rated(self, provider: str, baseline: Baseline) -> None:
        """What the rater knows of it; NotFound `node.unknown`."""
        with self._lock:
            known = self.get(provider)
            if known is None:
                raise NotFound("node.unknown", f"There is no node of provider {provider}.")
            self._keep(rules.rated(known, baseline))

    def may_rest(self, provider: str, until: float) -> None:
        """Nobody is expected to need it until then; ignored for a node that is not known."""
        with self._lock:
            known = self.get(provider)
            if known is not None:
                self._keep(rules.may_rest(known, until))

    def get(self, provider: str) -> Node | None:
        """By staking wallet."""
        with self._lock:
            return _node(self._bodies[provider]) if provider in self._bodies else None

    def by_key(self, key: str) -> Node | None:
        """By machine key."""
        return next((node for node in self.all() if node.key == key), None)

    def all(self) -> list[Node]:
        """Every known node, by provider."""
        with self._lock:
            return [_node(self._bodies[provider]) for provider in sorted(self._bodies)]

    def _keep(self, node: Node) -> None:
        self._bodies[node.provider] = records.pack(node)


def _node(body: str) -> Node:
    return records.build(Node, records.unpack(body))
