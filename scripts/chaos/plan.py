"""What a seed means: which jobs are played and who is killed where. The same seed always gives the same plan."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from scripts.chaos.orders import Order
from scripts.chaos.points import AFTER, BEFORE, Point

HONEST, CHEATED, HASTY, HOPELESS = "honest", "cheated", "hasty", "hopeless"
KINDS = (HONEST, CHEATED, HASTY, HOPELESS)
"""A job as it should be; one with a cheat in it; one whose deadline passes while it runs; one that nobody can run."""

CHEATED_EVERY = 4
"""A cheat is banned when it is found, so that not every seed can have one."""


@dataclass(frozen=True)
class Stage:
    """Named points in the order in which a job comes to them; `most` is the largest number that is counted to there."""

    names: tuple[str, ...]
    most: int = 2


SETTLER = (
    Stage(("MongoTickets.advance/Funded",), 3),
    Stage(("MongoCursors.save", "MongoNodes.mirror", "MongoRatingSteps.add"), 3),
    Stage(("Web3Market.carry_out/Assign", "Eth.send_raw_transaction", "MongoTickets.advance/Assigned")),
    Stage(
        ("MongoEffects.done/assign", "Web3Carbon.carry_out/FixBaseline", "MongoTickets.advance/BaselineFixed")
    ),
    Stage(("Web3Market.carry_out/RecordRound", "MongoEffects.done/round"), 3),
    Stage(("Eth.send_raw_transaction", "MongoEffects.done"), 4),
    Stage(("Web3Market.carry_out/Settle", "MongoEffects.done/settle", "MongoTickets.advance/Settled"), 1),
    Stage(("Web3Market.carry_out/PayOut", "MongoEffects.done/payout", "Eth.send_raw_transaction"), 3),
    Stage(("Web3Ledger.write/SealEpoch", "MongoTickets.advance/Sealed"), 1),
    Stage(
        (
            "Web3Market.carry_out/Reclaim",
            "MongoTickets.advance/RefundCredited",
            "MongoTickets.advance/RefundPaid",
        ),
        1,
    ),
    Stage(
        (
            "Web3Certificates.certify",
            "Web3Carbon.carry_out/IssueCredits",
            "MongoTickets.advance/CreditIssued",
        ),
        1,
    ),
)
CHEATED_SETTLER = (
    Stage(("Web3Market.carry_out/Fail", "MongoEffects.done/fail"), 1),
    Stage(("MongoTickets.advance/RefundCredited", "MongoTickets.advance/RefundPaid"), 1),
    Stage(("Web3Market.carry_out/FinalizeSlash", "MongoTickets.advance/Slashed"), 1),
    Stage(("Web3Market.carry_out/PayOutDeposit", "MongoEffects.done/deposit"), 2),
)
DISPATCHER = (
    Stage(("SmtpMail.send/funded", "MongoEffects.done/mail"), 2),
    Stage(("MongoTickets.claim",), 2),
    Stage(("MongoTickets.advance/Accepted", "MongoTickets.advance/Selected"), 2),
    Stage(("FolderObjects.put", "MongoTasks.put/initialize"), 2),
    Stage(("SmtpMail.send/started", "MongoTasks.put/train"), 2),
    Stage(("MongoTasks.put/train", "MongoTasks.put/reveal", "MongoTasks.put/aggregate"), 3),
    Stage(("MongoTickets.advance/RoundClosed",), 3),
    Stage(("MongoTasks.put/evaluate", "MongoTasks.put/validate", "MongoTickets.advance/TrainingFinished"), 1),
    Stage(("MongoTasks.put/sign_verdict", "MongoTickets.advance/VerdictSigned", "FolderObjects.put"), 1),
    Stage(("SmtpMail.send/settled", "MongoEffects.done/mail"), 1),
    Stage(("MongoTasks.put/seal_epoch", "SmtpMail.send/refunded"), 1),
)
API = (
    Stage(("MongoTickets.add", "FolderObjects.write_part", "MongoTickets.advance/Uploaded"), 2),
    Stage(("MongoTasks.answer", "MongoNodes.seen", "FolderObjects.write_part"), 6),
    Stage(("MongoTasks.answer", "FolderObjects.write_part"), 8),
)
AGGREGATOR = (
    Stage(("session.answered/aggregate", "ObjectStore.fetch", "ObjectStore.put", "Connection.call"), 2),
)
EVALUATOR = (
    Stage(
        ("session.answered/initialize", "session.answered/evaluate", "ObjectStore.put", "Connection.call"), 2
    ),
    Stage(("session.answered/export", "session.answered/evaluate", "ObjectStore.put"), 1),
)
TRAINER = (Stage(("session.answered/train", "ObjectStore.fetch", "ObjectStore.put", "Connection.call"), 2),)
VALIDATOR = (
    Stage(
        (
            "session.answered/validate",
            "session.answered/sign_verdict",
            "ObjectStore.fetch",
            "Connection.call",
        ),
        1,
    ),
)
ROLES = {
    "settler": SETTLER,
    "dispatcher": DISPATCHER,
    "api": API,
    "aggregator": AGGREGATOR,
    "evaluator": EVALUATOR,
    "trainer": TRAINER,
    "validator": VALIDATOR,
}
KILLS = {"settler": 9, "dispatcher": 9, "api": 3, "aggregator": 1, "evaluator": 1, "node": 1}
"""Orders for each part to kill itself, in a seed."""

OTHERS = ("mongod", "market", "carbon")
"""Killed from within settler or dispatcher, when these come to one of their points."""

_FIRST_SAFE_STAGE = 2
"""Before it customers still pay: what a chain forgets then, nobody but the customer can send again."""


@dataclass(frozen=True)
class Plan:
    """A seed's jobs, and its orders in the order in which each part gets them."""

    seed: int
    jobs: tuple[str, ...]
    orders: tuple[Order, ...]

    def queue(self, part: str) -> tuple[Order, ...]:
        """One part's orders."""
        return tuple(order for order in self.orders if order.part == part)

    @property
    def parts(self) -> tuple[str, ...]:
        """Who gets orders."""
        return tuple(dict.fromkeys(order.part for order in self.orders))


def plan(seed: int, nodes: Sequence[tuple[str, str]]) -> Plan:
    """The plan of a seed for a stack with these nodes (name, role)."""
    draw = random.Random(f"chaos {seed}")
    cheated = seed % CHEATED_EVERY == 0
    second = draw.choice((HONEST, HASTY, HOPELESS))
    jobs = (CHEATED if cheated else HONEST, second, HONEST)
    chosen: list[tuple[str, int, Point, str]] = []
    for part in ("settler", "dispatcher", "api", "aggregator", "evaluator"):
        stages = ROLES[part] + (CHEATED_SETTLER if cheated and part == "settler" else ())
        visited = sorted(draw.sample(range(len(stages)), min(KILLS[part], len(stages))))
        chosen += [(part, stage, _point(draw, stages[stage]), "") for stage in visited]
    for victim in OTHERS:
        part = draw.choice(("settler", "dispatcher")) if victim == "mongod" else "settler"
        first = 0 if victim == "mongod" else _FIRST_SAFE_STAGE
        stage = draw.randrange(first, len(ROLES[part]) - 1)
        chosen.append((part, stage, _point(draw, ROLES[part][stage]), victim))
    for name, role in draw.sample(list(nodes), min(KILLS["node"], len(nodes))):
        stages = ROLES[role]
        chosen.append((name, 0, _point(draw, draw.choice(stages)), ""))
    chosen.sort(key=lambda each: (each[0], each[1]))
    orders = tuple(
        Order(f"{seed}-{number}", part, point, victim)
        for number, (part, _, point, victim) in enumerate(chosen, start=1)
    )
    return Plan(seed, jobs, orders)


def named_points(part: str) -> tuple[Point, ...]:
    """Every named point of a part or role, both sides of each."""
    stages = ROLES[part] + (CHEATED_SETTLER if part == "settler" else ())
    names = dict.fromkeys(name for stage in stages for name in stage.names)
    return tuple(Point.read(f"{name}:{side}") for name in names for side in (BEFORE, AFTER))


def _point(draw: random.Random, stage: Stage) -> Point:
    name = draw.choice(stage.names)
    return Point.read(f"{name}:{draw.choice((BEFORE, AFTER))}:{draw.randint(1, stage.most)}")
