"""What a round costs beyond training, and how long a funded ticket waits for its first round."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

from scripts.bench.accuracy import settled
from scripts.bench.models import dense_of_size
from scripts.bench.plain_http import seconds_to_move
from scripts.demo.customer import Customer
from scripts.demo.stage import Stage

ROUNDS = 8
NODES = 4
BYTES_PER_PARAMETER = 4
TRIVIAL_ROWS = 120
PIXELS, DIGITS = 64, 10


def trivial_rows(digits: Path, path: Path) -> Path:
    """A file of so few rows that a trainer needs one step for its shard."""
    with digits.open() as file:
        path.write_text("".join(islice(file, TRIVIAL_ROWS + 1)))
    return path


def overhead(stage: Stage, customer: Customer, rows: Path, parameters: int) -> dict[str, Any]:
    """Seconds per round less the slowest trainer's own seconds, with one training step;
    the first round is left out."""
    model, count = dense_of_size(parameters, PIXELS, DIGITS)
    path = stage.state / f"dense_{parameters}.json"
    path.write_text(model)
    ticket = settled(customer, rows, *_options(path))
    yardstick = seconds_to_move(count * BYTES_PER_PARAMETER, NODES)
    spent = [r["seconds"] - max(u["training_seconds"] for u in r["updates"]) for r in ticket["rounds"][1:]]
    stage.story.line(
        f"{count:,} parameters: a round costs {median(spent):.3f} s beyond training, "
        f"moving its bytes {yardstick:.3f} s"
    )
    return {
        "parameters": count,
        "rounds": len(spent),
        "round_seconds": round(median(r["seconds"] for r in ticket["rounds"][1:]), 4),
        "training_seconds": round(
            median(max(u["training_seconds"] for u in r["updates"]) for r in ticket["rounds"][1:]), 4
        ),
        "overhead_seconds": round(median(spent), 4),
        "plain_http_seconds": round(yardstick, 4),
        "ratio_to_plain_http": round(median(spent) / yardstick, 1),
        "start": start_of(stage, ticket),
    }


def start_of(stage: Stage, ticket: dict[str, Any]) -> dict[str, float]:
    """Seconds from the payment's confirmation, and from the upload, until
    the first round's tasks could go out."""
    at = {moment["status"]: moment["at"] for moment in ticket["timeline"]}
    # The plan is stored when all is ready for the first round's tasks.
    started = stage.object_file(f"jobs/{ticket['id']}/plan.json").stat().st_mtime
    return {
        "from_funded_seconds": round(started - at["FUNDED"], 3),
        "from_uploaded_seconds": round(started - at["UPLOADED"], 3),
        "from_assigned_seconds": round(started - at["RUNNING"], 3),
    }


def _options(model: Path) -> tuple[str, ...]:
    rounds = ("--rounds", str(ROUNDS), "--local-epochs", "1", "--batch", "4096", "--lr", "0.01")
    return ("--model", str(model), *rounds, "--trainers", str(NODES), "--seed", "1")
