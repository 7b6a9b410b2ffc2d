"""Our rounds: a paid job on a stack of our own, timed from the tasks that the dispatcher handed out."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from scripts.bench.accuracy import settled
from scripts.demo.customer import Customer
from scripts.demo.stage import Stage
from scripts.demo.story import Broken

LEFT_OUT = 2
STAGES = ("train", "reveal", "validate", "aggregate", "evaluate")


@dataclass(frozen=True)
class Round:
    """Seconds of one round by stage, each until the next one's tasks are handed out."""

    stages: dict[str, float]

    @property
    def delivery(self) -> float:
        """What Flower does too, signed and checked: model out, training, commitment, update in, new model stored."""
        return sum(self.stages.get(name, 0.0) for name in ("train", "reveal", "aggregate"))

    @property
    def whole(self) -> float:
        """All of it: scores, re-execution and evaluation as well."""
        return sum(self.stages.values())


def rounds(stage: Stage, customer: Customer, rows: Path, model: Path, nodes: int, number: int) -> list[Round]:
    """The rounds of one settled job but the first ones and the last, whose end no task marks."""
    wanted = ("--rounds", str(number + LEFT_OUT + 1), "--trainers", str(nodes), "--model", str(model))
    same = ("--local-epochs", "1", "--batch", "4096", "--lr", "0.01", "--seed", "1", "--partition", "iid")
    ticket = settled(customer, rows, *wanted, *same)
    found = _rounds(_moments(stage.config.database_uri, str(ticket["id"])))
    if len(found) != number + LEFT_OUT:
        raise Broken(f"{len(found)} of {number + LEFT_OUT} rounds left their tasks behind", "dispatcher")
    return found[LEFT_OUT:]


def _moments(uri: str, ticket_id: str) -> dict[int, dict[str, float]]:
    """When each stage of each round first handed out tasks (Unix seconds, the dispatcher's clock)."""
    moments: dict[int, dict[str, float]] = defaultdict(dict)
    with MongoClient[dict[str, Any]](uri) as client:
        for task in client["ecodml"]["tasks"].find({"ticket_id": ticket_id}, {"added": 1}):
            number, _, name = task["_id"].removeprefix(f"{ticket_id}/").partition("/")
            kind = name.partition("/")[0]
            if number.isdigit() and kind in STAGES:
                known = moments[int(number)]
                known[kind] = min(known.get(kind, task["added"]), task["added"])
    return moments


def _rounds(moments: dict[int, dict[str, float]]) -> list[Round]:
    found = []
    for number in sorted(moments)[:-1]:
        following = moments.get(number + 1, {}).get("train")
        if following is None:
            continue
        steps = sorted((at, name) for name, at in moments[number].items())
        ends = [at for at, _ in steps[1:]] + [following]
        found.append(Round({name: end - at for (at, name), end in zip(steps, ends, strict=True)}))
    return found
