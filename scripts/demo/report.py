"""`run/demo/report.json`: what three jobs left behind, in the words of issue and chain.
Amounts are integers of wei."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from scripts.demo.jobs import Played


def job_report(
    played: Played, accuracy: float | None = None, central_accuracy: float | None = None
) -> dict[str, Any]:
    """One job's entry."""
    ticket = played.ticket
    rounds = ticket["rounds"]
    settled = played.status == "SETTLED"
    culprits = sorted(str(slash["culprit"]) for slash in played.slashes)
    links = {name: url for letter in played.mails for name, url in letter.links().items()}
    return {
        "status": played.status,
        "ticket": ticket["id"],
        "job_id": ticket["job_id"],
        "dataset_sha256": ticket["dataset"]["sha256"],
        "model_sha256": ticket["verdict"]["result_sha256"] if settled else None,
        "rounds": [{"number": r["number"], "metrics": r["metrics"], "seconds": r["seconds"]} for r in rounds],
        "accuracy": accuracy,
        "central_accuracy": central_accuracy,
        "fee_wei": played.fee_wei,
        "commission_wei": played.treasury_gain_wei,
        "payouts_wei": {p: gain for p, gain in gains(played.dml_before, played.dml_after).items() if gain},
        "deposits_received_wei": deposits_received(played.slashes),
        "refund_wei": 0 if settled else refunded(played),
        "slashed": culprits,
        "honest": [node for node in ticket["trainers"] if node not in culprits],
        "seconds": stages(ticket["timeline"]) | played.seconds,
        "energy": ticket["energy"] or round_energy(rounds),
        "mails": [letter.summary() for letter in played.mails],
        "links": links,
        "refusal": ticket["refusal"],
        "transactions": ticket["transactions"],
    }


def gains(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """What each account gained."""
    return {account: after[account] - wei for account, wei in before.items()}


def deposits_received(slashes: list[dict[str, Any]]) -> dict[str, int]:
    """Shares of slashed deposits by honest node, added up over culprits."""
    received: dict[str, int] = {}
    for slash in slashes:
        for node, share in zip(slash["honest"], slash["shares"], strict=True):
            received[str(node)] = received.get(str(node), 0) + int(share)
    return received


def refunded(played: Played) -> int:
    """What came back to the customer: its balance after, against the one left when the fee was paid."""
    return played.customer_after_wei - (played.customer_before_wei - played.fee_wei)


def stages(timeline: list[dict[str, Any]]) -> dict[str, float]:
    """Seconds a ticket spent in each status it left."""
    spent: dict[str, float] = {}
    for moment, following in pairwise(timeline):
        spent[moment["status"]] = round(spent.get(moment["status"], 0.0) + following["at"] - moment["at"], 3)
    return spent


def round_energy(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    """Energy by node from closed rounds, for a job that never came to its final account."""
    by_node: dict[str, Any] = {}
    for update in (u for r in rounds for u in r["updates"]):
        reading = update["energy"]
        node = by_node.setdefault(
            update["trainer"], {"joules": 0.0, "kind": reading["kind"], "method": reading["method"]}
        )
        node["joules"] += reading["millijoules"] / 1000
    return by_node


def write(path: Path, document: dict[str, Any]) -> None:
    """Write the report whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(document, indent=2, sort_keys=True) + "\n")
    draft.replace(path)
