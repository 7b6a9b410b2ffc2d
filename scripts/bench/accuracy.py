"""Federated against central accuracy: the same rows, the same model, the
same number of passes, the same test split."""

from __future__ import annotations

from pathlib import Path
from statistics import mean
from typing import Any

from scripts.demo.central import central_accuracy
from scripts.demo.customer import Customer
from scripts.demo.stage import Stage
from scripts.demo.story import Broken

OPTIONS = (
    *("--model", "mlp", "--optimizer", "momentum", "--lr", "0.05", "--batch", "16"),
    *("--rounds", "15", "--local-epochs", "5"),
)
MOST_POINTS_LOST = 1.0


def compare(stage: Stage, customer: Customer, digits: Path, seeds: range) -> dict[str, Any]:
    """Test accuracies by seed, and how many points federation costs on average."""
    runs = []
    for seed in seeds:
        ticket = settled(
            customer, digits, *OPTIONS, "--trainers", "4", "--partition", "iid", "--seed", str(seed)
        )
        federated = float(ticket["metrics"]["accuracy"])
        central = central_accuracy(stage, ticket)
        stage.story.line(f"seed {seed}: federated {federated:.4f}, central {central:.4f}")
        runs.append(
            {"seed": seed, "federated": federated, "central": central, "rows": ticket["metrics"]["examples"]}
        )
    lost = 100 * (mean(run["central"] for run in runs) - mean(run["federated"] for run in runs))
    return {
        "options": " ".join(OPTIONS),
        "runs": runs,
        "points_lost": round(lost, 3),
        "within_one_point": lost <= MOST_POINTS_LOST,
    }


def settled(customer: Customer, file: Path, *options: str) -> dict[str, Any]:
    """The ticket of a job that was paid for and settled."""
    answer = customer.train(file, *options, "--wait")
    ticket: dict[str, Any] | None = answer.document.get("ticket")
    if answer.status != 0 or ticket is None:
        raise Broken(
            f"A measured job was not settled: {answer.document.get('error') or answer.document}", "dispatcher"
        )
    return ticket
