"""Our rounds: a paid job on a stack of our own, timed from the tasks that were handed out and answered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from scripts.bench.accuracy import settled
from scripts.demo.customer import Customer
from scripts.demo.stage import Stage
from scripts.demo.story import Broken

LEFT_OUT = 2
PARTS = ("train", "gate", "aggregate")


@dataclass(frozen=True)
class Round:
    """Seconds of one round.

    `train`: from handing the training out until the last commitment is in, its update before it. `gate`: until the scoring is
    handed out; signatures, hashes and what is in storage are checked. `aggregate`: from asking for the next model until its
    evaluation is asked for. `whole`: from handing the training out until the next round's is.
    """

    train: float
    gate: float
    aggregate: float
    whole: float

    @property
    def delivery(self) -> float:
        """What Flower does too, with signatures and checksums: model out, training, update in, aggregated, stored."""
        return self.train + self.gate + self.aggregate


@dataclass
class _Moments:
    """When a kind of task was first handed out, and last answered (Unix seconds)."""

    added: float = float("inf")
    closed: float = 0.0


def rounds(stage: Stage, customer: Customer, rows: Path, model: Path, nodes: int, number: int) -> list[Round]:
    """The rounds of one settled job but the first ones and the last, whose end no task marks."""
    wanted = ("--rounds", str(number + LEFT_OUT + 1), "--trainers", str(nodes), "--model", str(model))
    same = ("--local-epochs", "1", "--batch", "4096", "--lr", "0.01", "--seed", "1", "--partition", "iid")
    ticket = settled(customer, rows, *wanted, *same)
    moments = _moments(stage.config.database_uri, str(ticket["id"]))
    return [_round(moments, n) for n in range(LEFT_OUT + 1, LEFT_OUT + number + 1)]


def _moments(uri: str, ticket_id: str) -> dict[int, dict[str, _Moments]]:
    """By round and kind: `train`, `validate` (scoring), `replay`, `aggregate`, `evaluate`."""
    moments: dict[int, dict[str, _Moments]] = defaultdict(lambda: defaultdict(_Moments))
    with MongoClient[dict[str, Any]](uri) as client:
        for task in client["ecodml"]["tasks"].find({"ticket_id": ticket_id}, {"added": 1, "closed": 1}):
            number, _, name = task["_id"].removeprefix(f"{ticket_id}/").partition("/")
            if number.isdigit():
                seen = moments[int(number)][name.partition("/")[0].partition("-")[0]]
                seen.added = min(seen.added, task["added"])
                seen.closed = max(seen.closed, task.get("closed", 0.0))
    return moments


def _round(moments: Mapping[int, Mapping[str, _Moments]], number: int) -> Round:
    now, before, after = moments[number], moments[number - 1], moments[number + 1]
    missing = {"train", "validate", "aggregate", "evaluate"} - set(now)
    if missing or "train" not in after:
        raise Broken(f"Round {number} left no tasks of {sorted(missing) or 'the next round'}", "dispatcher")
    # The round before may still have its segments re-run while this one trains; the gate opens after that.
    gate_since = max(now["train"].closed, *(m.closed for m in before.values()))
    return Round(
        train=now["train"].closed - now["train"].added,
        gate=now["validate"].added - gate_since,
        aggregate=now["evaluate"].added - now["aggregate"].added,
        whole=after["train"].added - now["train"].added,
    )
