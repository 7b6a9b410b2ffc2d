"""How long a funded ticket waits for its first round. What the rounds cost is `scripts.bench.overhead`'s to measure."""

from __future__ import annotations

from pathlib import Path

from scripts.bench.accuracy import settled
from scripts.demo.customer import Customer
from scripts.demo.stage import Stage

OPTIONS = ("--model", "logistic", "--rounds", "1", "--local-epochs", "1", "--trainers", "4", "--seed", "1")


def first_round(stage: Stage, customer: Customer, rows: Path) -> dict[str, float]:
    """Seconds from the payment's confirmation, from the upload and from the nodes' assignment, until the first round's tasks
    could go out.
    """
    ticket = settled(customer, rows, *OPTIONS)
    at = {moment["status"]: moment["at"] for moment in ticket["timeline"]}
    # The plan is stored when all is ready for the first round's tasks.
    started = stage.object_file(f"jobs/{ticket['id']}/plan.json").stat().st_mtime
    found = {
        "from_funded_seconds": round(started - at["FUNDED"], 3),
        "from_uploaded_seconds": round(started - at["UPLOADED"], 3),
        "from_assigned_seconds": round(started - at["RUNNING"], 3),
    }
    stage.story.line(f"the first round could start {found['from_funded_seconds']} s after the payment")
    return found
