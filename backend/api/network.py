"""GET /api/network: the network in figures, and how old they are."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import structlog
from flask import Blueprint

from backend.api.ledger import newest_epochs
from backend.api.parts import ApiParts
from backend.domain.credits import UNIT
from backend.energy.eco_score import EcoInputs, eco_score, together
from backend.energy.network_figures import (
    Sums,
    credit_sums,
    job_figures,
    job_sums,
    node_figures,
    trainer_inputs,
)
from backend.errors import EcoError, Recoverable

LOG = structlog.get_logger(__name__)
GOOD_FOR_S = 5.0
OVERLAP_S = 60.0
"""How far the clocks of the processes that change tickets may be apart."""
NEWEST_EPOCHS = 5


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/network."""
    routes = Blueprint("network", __name__, url_prefix="/api/network")
    standing = Standing(parts)

    @routes.get("")
    def network() -> dict[str, Any]:
        return standing.told()

    return routes


class Standing:
    """The figures, kept up to date by reading only what has changed since they were asked for last."""

    def __init__(self, parts: ApiParts) -> None:
        self._parts = parts
        self._lock = threading.Lock()
        self._by_ticket: dict[str, Sums] = {}
        self._jobs: Counter[str] = Counter()
        self._trained: dict[str, dict[str, EcoInputs]] = {}
        """By provider and ticket."""
        self._scores: dict[str, float] = {}
        self._read_from: float | None = None
        self._credits: Counter[str] = Counter()
        self._credit_block = 0
        self._market: dict[str, Any] = {}
        self._market_at: float | None = None
        self._carbon: dict[str, Any] = {"credits": None, "ledger": None}
        self._carbon_at: float | None = None

    def told(self) -> dict[str, Any]:
        """The figures, never older than GOOD_FOR_S while database and chain answer; before they ever did, Recoverable."""
        with self._lock:
            now = self._parts.clock()
            if self._market_at is None or now - self._market_at >= GOOD_FOR_S:
                self._refresh(now)
            carbon_age = None if self._carbon_at is None else now - self._carbon_at
            return {
                "age_seconds": now - (self._market_at or now),
                "carbon_age_seconds": carbon_age,
                **self._market,
                "eco_by_node": dict(self._scores),
                **self._carbon,
            }

    def _refresh(self, now: float) -> None:
        try:
            self._count_jobs(now)
            self._market = {"nodes": node_figures(self._parts.nodes.all()), **job_figures(self._jobs)}
            self._market_at = now
        except Recoverable:
            if self._market_at is None:
                raise
        try:
            self._carbon = {
                "credits": self._count_credits(),
                "ledger": newest_epochs(self._parts, NEWEST_EPOCHS),
            }
            self._carbon_at = now
        except EcoError as error:
            # The market's figures are worth having without those of the other chain.
            LOG.warning("carbon_figures_are_old", code=error.code)

    def _count_jobs(self, now: float) -> None:
        for ticket in self._parts.tickets.changed_since(self._read_from):
            sums = job_sums(ticket)
            self._jobs.subtract(self._by_ticket.pop(ticket.id, {}))
            self._jobs.update(sums)
            if sums:
                self._by_ticket[ticket.id] = sums
            for provider, inputs in trainer_inputs(ticket).items():
                mine = self._trained.setdefault(provider, {})
                if mine.get(ticket.id) != inputs:
                    mine[ticket.id] = inputs
                    self._scores[provider] = eco_score(together(list(mine.values()))).hundredths / 100
        self._read_from = now - OVERLAP_S

    def _count_credits(self) -> dict[str, Any]:
        while True:
            events, following = self._parts.credits.events(self._credit_block)
            self._credits.update(credit_sums(events))
            if following <= self._credit_block:
                break
            self._credit_block = following
        return {"unit": UNIT, "issued_ug": self._credits["issued"], "retired_ug": self._credits["retired"]}
