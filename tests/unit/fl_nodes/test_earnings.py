"""`ecodml node earnings` over a chain and a market that say what a test wants."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fl_nodes.cli import earnings as command
from fl_nodes.cli.home import Home, Identity
from fl_nodes.errors import Refused
from fl_nodes.protocol import scores
from fl_nodes.protocol.pay import explain
from fl_nodes.protocol.payout import WEIGHTS, Scheme, Weights, Work
from fl_nodes.protocol.wire import to_wire

ME, OTHER = "0x" + "a1" * 20, "0x" + "a2" * 20
JOB, CLAIMED = ("0x" + digits * 32 for digits in ("11", "22"))
DONE = [
    Work(ME, 900_000, 900_000, 1000, 5_000, 80_000, 0, 300_000),
    Work(OTHER, 900_000, 900_000, 1000, 4_000, 90_000, 0, 100_000),
]
FEE, CUT = 10**18 + 1, 2 * 10**16


def settled(scheme: Scheme = Scheme.COMPOSITE, weights: Weights = WEIGHTS) -> dict[str, Any]:
    return {
        "jobId": bytes.fromhex(JOB[2:]),
        "payees": [ME, OTHER],
        "amounts": list(explain(scheme, FEE, CUT, DONE, weights).amounts_wei),
        "scores": [scores.encode(w) for w in DONE],
        "commission": CUT,
    }


class World:
    """Events of the escrow, and what the market publishes of the node."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = [settled()]
        self.jobs: list[dict[str, Any]] = []

    def check(self) -> None:
        """It is the right chain."""

    def escrow_events(self, name: str) -> Iterator[dict[str, Any]]:
        """What happened."""
        assert name == "JobSettled"
        return iter(self.events)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(command, "configuration", lambda _: {})
    monkeypatch.setattr(command, "Market", lambda _: made)
    monkeypatch.setattr(command, "public_record", lambda *_: {"node": {}, "jobs": made.jobs})
    return made


def ask(folder: Path, job: str | None = None) -> dict[str, Any]:
    Home(folder).save(Identity("alpha", "trainer", ME, ME, "http://api", 31337, OTHER))
    return command.earnings(argparse.Namespace(home=folder, api=None, job=job))


def test_earnings__a_settled_job__explains_the_chains_amount_to_the_wei(world: World, tmp_path: Path) -> None:
    said = ask(tmp_path, JOB)
    assert (said["source"], said["scheme"]) == ("chain", "composite")
    assert int(said["amount_wei"]) == world.events[0]["amounts"][0]
    assert sum(int(part["wei"]) for part in said["parts"]) == int(said["amount_wei"])
    shown = "\n".join(command.lines(said))
    for piece in ("contribution", "30.00 %", "75.00 % of all", "weight  40 %", "commission"):
        assert piece in shown


def test_earnings__weights_of_the_markets_own__are_those_of_the_job(world: World, tmp_path: Path) -> None:
    own = Weights(100, 0, 0, 0, 0, 0)
    world.events = [settled(weights=own)]
    with pytest.raises(Refused) as caught:
        ask(tmp_path, JOB)
    assert caught.value.code == "earnings.unexplained"
    world.jobs = [
        {"job_id": JOB, "status": "SETTLED", "paid_wei": "1", "scheme": "composite", "weights": to_wire(own)}
    ]
    assert ask(tmp_path, JOB)["parts"][0]["share_ppm"] == 750_000


def test_earnings__paid_by_claims__is_what_the_market_tells(world: World, tmp_path: Path) -> None:
    pay = to_wire(explain(Scheme.ACCURACY, FEE, CUT, DONE[:1]))
    world.jobs = [{"job_id": CLAIMED, "status": "SETTLED", "paid_wei": "5", "pay": pay}]
    assert ask(tmp_path, CLAIMED)["source"] == "market"
    listed = ask(tmp_path)
    assert [job["job_id"] for job in listed["jobs"]] == [JOB, CLAIMED]
    assert int(listed["total_wei"]) == world.events[0]["amounts"][0] + 5
    assert command.lines(listed)[-1].startswith("2 jobs paid ")


def test_earnings__nothing_paid__says_why(world: World, tmp_path: Path) -> None:
    world.events, world.jobs = [], [{"job_id": JOB, "status": "REFUNDED", "paid_wei": "0", "pay": None}]
    for job, why in ((JOB, "REFUNDED"), (CLAIMED, "no part in it")):
        with pytest.raises(Refused, match=why) as caught:
            ask(tmp_path, job)
        assert caught.value.code == "earnings.none"
