"""Customers of a campaign: each pays for one job through the `ecodml` command and comes back to it when that breaks off."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.cli.client import Api
from backend.errors import EcoError
from scripts.chaos.plan import CHEATED, HASTY, HOPELESS
from scripts.demo.customer import Customer
from scripts.demo.stage import Stage
from scripts.demo.story import Broken

ROUNDS = 3
TRAINING = (
    *("--target", "kind", "--model", "logistic", "--local-epochs", "3"),
    *("--batch", "8", "--lr", "0.3", "--publish", "--energy-budget", "500"),
)
PATIENCE_SECONDS = 330.0
HASTY_SECONDS, HASTY_ROUNDS = 45, 60
LATE_SECONDS = 240
"""The deadline of the others: whatever happens, their money is free after it."""

PAUSE_SECONDS = 1.0
AFTERMATH_SECONDS = 40.0
"""How long what follows a job's end is waited for, so that processes die in it too: energy sealed, credits, a deposit taken."""

ENDED = ("SETTLED", "REFUNDED")
PASSING = (
    "api.",
    "auth.",
    "chain.unreachable",
    "chain.error",
    "chain.behind",
    "database.",
    "operator.",
    "payment.unseen",
)
"""What a customer who tries again may get over."""


@dataclass(frozen=True)
class Bought:
    """A job and how its ticket ended; `ticket` is empty where nothing was ever paid."""

    kind: str
    ticket: dict[str, Any]

    @property
    def status(self) -> str:
        """The ticket's last status."""
        return str(self.ticket.get("status", "UNPAID"))


def options(kind: str, trainers: int) -> tuple[str, ...]:
    """What a job of this kind asks for where there are so many honest trainers."""
    wanted = {CHEATED: trainers + 1, HOPELESS: trainers + 2}.get(kind, trainers)
    seconds = {HASTY: HASTY_SECONDS, HOPELESS: HASTY_SECONDS}.get(kind, LATE_SECONDS)
    rounds = HASTY_ROUNDS if kind == HASTY else ROUNDS
    return (*TRAINING, "--rounds", str(rounds), "--trainers", str(wanted), "--deadline", str(seconds))


def buy(
    stage: Stage, customer: Customer, kind: str, file: Path, trainers: int, over: threading.Event
) -> Bought:
    """Pay, hand the data over, wait for the end; Broken when there is none, or when it is all `over`."""
    give_up = time.monotonic() + PATIENCE_SECONDS
    ticket_id = _hand_over(stage, customer, options(kind, trainers), file, lambda: _may_go_on(give_up, over))
    if ticket_id is None:
        return Bought(kind, {})
    while _may_go_on(give_up, over):
        ticket = _look(stage, customer, ticket_id)
        if ticket.get("status") in ENDED or _forgotten(ticket):
            stage.story.line(f"{kind} job: {ticket['status']}", customer.name)
            _await_aftermath(stage, customer, ticket, over)
            return Bought(kind, ticket)
        over.wait(PAUSE_SECONDS)
    raise Broken(f"The {kind} job of {customer.name} neither settled nor was refunded", "dispatcher")


def _await_aftermath(stage: Stage, customer: Customer, ticket: dict[str, Any], over: threading.Event) -> None:
    give_up = time.monotonic() + AFTERMATH_SECONDS
    accused = (ticket.get("refusal") or {}).get("code") == "job.cheated"
    while _may_go_on(give_up, over):
        ended = _look(stage, customer, ticket["id"])
        settled = ended.get("status") == "SETTLED"
        if ended and (
            (not settled or ended["credits"] or ended["certificate"]) and (not accused or ended["slashed"])
        ):
            return
        over.wait(PAUSE_SECONDS)


def _hand_over(
    stage: Stage, customer: Customer, asked: tuple[str, ...], file: Path, goes_on: Callable[[], bool]
) -> str | None:
    """The ticket once its data is uploaded or it has ended; None where nothing was paid."""
    told = asked
    while goes_on():
        try:
            document = customer.train(file, *told).document
        except Broken as broken:
            stage.story.line(str(broken), customer.name)
            document = {}
        ticket = document.get("ticket") or {}
        if ticket and ticket["status"] not in ("QUOTED", "FUNDED"):
            return str(ticket["id"])
        why = str((document.get("error") or {}).get("code") or "api.no_answer")
        if not why.startswith(PASSING):
            raise Broken(f"The job of {customer.name} was refused: {why}", "api")
        stage.story.line(f"tries again after {why}", customer.name)
        paid = _paid(stage, customer)
        told = ("--resume", paid) if paid else asked
        time.sleep(PAUSE_SECONDS)
    return _paid(stage, customer)


def _forgotten(ticket: dict[str, Any]) -> bool:
    """Whether the chain took its payment back when it was restarted: the money is in the customer's wallet."""
    return bool(ticket) and ticket["status"] in ("QUOTED", "EXPIRED") and not ticket["transactions"]


def _look(stage: Stage, customer: Customer, ticket_id: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = Api(stage.api_url, customer.token()).get(f"/api/tickets/{ticket_id}")[
            "ticket"
        ]
    except EcoError:
        return {}
    return found


def _may_go_on(give_up: float, over: threading.Event) -> bool:
    return time.monotonic() < give_up and not over.is_set()


def _paid(stage: Stage, customer: Customer) -> str | None:
    """The ticket of a receipt whose payment was confirmed, or was seen by the backend all the same."""
    for path in sorted((customer.home / "receipts").glob("*.json")):
        receipt = json.loads(path.read_text(encoding="utf-8"))
        ticket_id = str(receipt["ticket"])
        if receipt["transaction"] or _look(stage, customer, ticket_id).get("status", "QUOTED") != "QUOTED":
            return ticket_id
    return None
