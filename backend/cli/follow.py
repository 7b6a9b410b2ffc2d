"""Following a ticket to its end, through a backend that restarts, and saying what happened in a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from backend.cli.client import Api
from backend.cli.terminal import Terminal, coins
from backend.domain.ticket import Status
from backend.errors import Recoverable

POLL_SECONDS = 0.5
FUNDED_WITHIN_SECONDS = 180.0
SILENCE_AFTER_DEADLINE_SECONDS = 60.0
ENDED = frozenset({Status.SETTLED, Status.REFUNDED})

Ticket = dict[str, Any]


@dataclass(frozen=True)
class Pace:
    """The clock and the pause between looks at a ticket."""

    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


def until_funded(api: Api, ticket_id: str, pace: Pace) -> Ticket:
    """The ticket once the backend has seen the payment on chain; Recoverable `payment.unseen`."""
    give_up = pace.clock() + FUNDED_WITHIN_SECONDS
    while True:
        ticket = _look(api, ticket_id)
        if ticket is not None and ticket["status"] != Status.QUOTED:
            return ticket
        if pace.clock() > give_up:
            raise Recoverable(
                "payment.unseen",
                "The payment is safe in escrow, but the backend has not seen it. Look again with "
                f"`ecodml ticket {ticket_id}`; after the deadline `ecodml reclaim {ticket_id}` helps.",
            )
        pace.sleep(POLL_SECONDS)


def until_ended(api: Api, ticket_id: str, deadline: float, terminal: Terminal, pace: Pace) -> Ticket:
    """The ticket once it is settled or refunded, telling each step;
    Recoverable `operator.silent` past the deadline."""
    told: Ticket = {"status": Status.FUNDED, "rounds": []}
    while True:
        ticket = _look(api, ticket_id)
        if ticket is not None:
            for line in news(told, ticket):
                terminal.say(line)
            told = ticket
            if is_over(ticket):
                return ticket
        elif pace.clock() > deadline + SILENCE_AFTER_DEADLINE_SECONDS:
            raise Recoverable(
                "operator.silent",
                f"Nobody answers at {api.url} and the deadline has passed: take the fee back with "
                f"`ecodml reclaim {ticket_id}`.",
            )
        pace.sleep(POLL_SECONDS)


def is_over(ticket: Ticket) -> bool:
    """Whether nothing more will happen to the ticket's fee."""
    unpaid = ticket["refund_wei"] is None and not ticket["transactions"]
    return ticket["status"] in ENDED or (unpaid and ticket["status"] in (Status.INVALID, Status.EXPIRED))


def news(before: Ticket, now: Ticket) -> list[str]:
    """What is new in a ticket, a line each."""
    lines = [round_line(r, now) for r in now["rounds"][len(before["rounds"]) :]]
    lines += [f"Note: {alert['message']}" for alert in now.get("alerts", [])[len(before.get("alerts", [])) :]]
    if now["status"] != before["status"]:
        lines.append(f"{now['status']}: {_EXPLAINED[Status(now['status'])]}")
    return lines


def round_line(record: dict[str, Any], ticket: Ticket) -> str:
    """One closed round."""
    metrics = ", ".join(
        f"{name} {value:.4f}" for name, value in sorted(record["metrics"].items()) if isinstance(value, float)
    )
    return f"Round {record['number']}/{ticket['spec']['rounds']}: {metrics} ({record['seconds']:.1f} s)"


def outcome(ticket: Ticket) -> str:
    """How the ticket stands, in one sentence."""
    if ticket["status"] == Status.SETTLED:
        accuracy = (ticket["metrics"] or {}).get("accuracy")
        measured = f" with test accuracy {accuracy:.4f}" if isinstance(accuracy, float) else ""
        return f"Settled{measured}: get the model with `ecodml fetch {ticket['id']} DIR`."
    refusal = ticket["refusal"]
    why = f": {refusal['message']} [{refusal['code']}]" if refusal else "."
    if ticket["status"] == Status.REFUNDED:
        return f"Refunded {coins(int(ticket['refund_wei'] or 0))}{why}"
    return f"{ticket['status']}{why if refusal else ': ' + _EXPLAINED[Status(ticket['status'])]}"


def _look(api: Api, ticket_id: str) -> Ticket | None:
    try:
        ticket: Ticket = api.get(f"/api/tickets/{ticket_id}")["ticket"]
    except Recoverable:
        return None
    return ticket


_EXPLAINED = {
    Status.QUOTED: "waiting for the payment",
    Status.FUNDED: "the fee is in escrow",
    Status.UPLOADED: "the data is being read",
    Status.QUEUED: "waiting for nodes",
    Status.RUNNING: "the nodes are training",
    Status.VERIFYING: "validators are signing the verdict",
    Status.SETTLING: "the escrow is paying the nodes",
    Status.SETTLED: "done, the nodes are paid",
    Status.INVALID: "it cannot be trained, the fee goes back",
    Status.FAILED: "verification failed, the fee goes back",
    Status.EXPIRED: "the deadline passed, the fee goes back",
    Status.REFUNDING: "the fee is on its way back",
    Status.REFUNDED: "the fee is back in your wallet",
    Status.DISPUTED: "an accused node contests; your refund is not affected",
}
