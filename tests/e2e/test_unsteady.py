"""Nodes and a dispatcher that stall or die in mid-job, as processes of their own: the job is settled all the same."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from backend.cli.client import Api
from scripts.demo.stage import Stage
from scripts.demo.story import Story
from scripts.stack import StackConfig

T = TypeVar("T")

PATIENCE_SECONDS = 240.0
SLOW = "trainer-3"
OPTIONS = (
    *("--target", "kind", "--model", "logistic", "--local-epochs", "8", "--batch", "4"),
    *("--lr", "0.1", "--trainers", "3", "--scheme", "accuracy", "--clipping"),
)
SLEEPER = '''
import json, os, time
from pathlib import Path

HERE = Path(__file__).parent


class Sleeper:
    """Does all work as asked and takes its time over it where `pace.json` says so; keeps a diary."""

    def on_segment(self, weights, context):
        with (HERE / "diary.jsonl").open("a") as diary:
            diary.write(json.dumps([context.job_id, context.round, context.segment, os.getpid()]) + "\\n")
        pace = json.loads((HERE / "pace.json").read_text())
        time.sleep(pace.get(str(context.round), 0.0))
        return weights
'''


class Unsteady:
    """A stack one of whose trainers is as slow as a test wants it."""

    def __init__(self, stage: Stage, folder: Path) -> None:
        self.stage = stage
        self.folder = folder
        self.provider = next(str(n["provider"]) for n in stage.nodes() if n["name"] == SLOW)

    def pace(self, **seconds: float) -> None:
        """Seconds that the slow trainer takes over each segment, by round (`r2=60.0`)."""
        by_round = {name.removeprefix("r"): value for name, value in seconds.items()}
        partial = self.folder / "pace.partial"
        partial.write_text(json.dumps(by_round))
        partial.replace(self.folder / "pace.json")

    def diary(self, ticket: dict[str, Any], number: int) -> list[tuple[int, int]]:
        """(segment, process) of what the slow trainer did in a round, in order."""
        lines = (self.folder / "diary.jsonl").read_text().splitlines()
        entries = [json.loads(line) for line in lines]
        return [(segment, pid) for job, r, segment, pid in entries if (job, r) == (ticket["job_id"], number)]

    def start(self, name: str, file: Path, rounds: int = 3) -> tuple[Api, str]:
        """A customer pays for a job; the API as the customer sees it, and the ticket."""
        customer = self.stage.customer(name)
        answer = customer.train(file, *OPTIONS, "--rounds", str(rounds))
        assert answer.status == 0, answer.document
        return Api(self.stage.api_url, customer.token()), answer.document["ticket"]["id"]


def kill(stage: Stage, part: str) -> None:
    """As the kernel would, without a word of farewell; returns when it is dead."""
    stage.stack.kill(part, signal.SIGKILL)
    until(lambda: None if stage.stack.children[part].alive else True, f"{part} did not die")


def ticket_of(api: Api, ticket_id: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/api/tickets/{ticket_id}")["ticket"]
    return found


def until(look: Callable[[], T | None], what: str) -> T:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        found = look()
        if found is not None:
            return found
        time.sleep(0.3)
    raise AssertionError(f"{what}, in {PATIENCE_SECONDS:.0f} s")


def settled(api: Api, ticket_id: str) -> dict[str, Any]:
    def look() -> dict[str, Any] | None:
        ticket = ticket_of(api, ticket_id)
        assert ticket["refusal"] is None, ticket["refusal"]
        return ticket if ticket["status"] == "SETTLED" else None

    return until(look, "The job was not settled")


@pytest.fixture(scope="module")
def unsteady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Unsteady]:
    """Three trainers, one of them as slow as it is told, and two validators."""
    folder = tmp_path_factory.mktemp("unsteady")
    (folder / "sleeper.py").write_text(SLEEPER)
    (folder / "pace.json").write_text("{}")
    (folder / "diary.jsonl").touch()
    config = StackConfig(
        state=folder / "state",
        trainers=3,
        validators=2,
        environment={"ECODML_ROUND_FLOOR_SECONDS": "4", "ECODML_ABSENCE_SECONDS": "150"},
        node_arguments={SLOW: ("--adversary", f"{folder / 'sleeper.py'}:Sleeper")},
    ).with_free_ports()
    with Stage(config, Story(out=sys.stderr)) as stage:
        yield Unsteady(stage, folder)


def test_trainer_stalls_in_a_round__is_left_behind__and_is_back_later(
    unsteady: Unsteady, flowers: Path
) -> None:
    unsteady.pace(r2=8.0)
    api, ticket_id = unsteady.start("ada", flowers, rounds=8)
    ticket = settled(api, ticket_id)
    late = [r["late"] for r in ticket["rounds"]]
    assert late[:2] == [[], [unsteady.provider]]
    assert late[-1] == []
    assert [r["asked"] for r in ticket["rounds"]] == [sorted(ticket["trainers"], key=str.lower)] * 8
    # It heard between two segments that nobody waits for the rest.
    assert len(unsteady.diary(ticket, 2)) < len(unsteady.diary(ticket, 1))
    assert ticket["verdict"]["culprits"] == []
    paid = dict(zip(ticket["verdict"]["payees"], map(int, ticket["verdict"]["amounts_wei"]), strict=True))
    assert 0 < paid[unsteady.provider] < min(w for p, w in paid.items() if p != unsteady.provider)


def test_trainer_is_killed_in_mid_round__comes_back__and_its_update_is_in(
    unsteady: Unsteady, flowers: Path
) -> None:
    unsteady.pace(r1=3.0)
    api, ticket_id = unsteady.start("grace", flowers)
    job = ticket_of(api, ticket_id)
    until(lambda: True if len(unsteady.diary(job, 1)) >= 3 else None, "The slow trainer did not get to work")
    kill(unsteady.stage, SLOW)
    unsteady.pace()
    unsteady.stage.stack.start_parts(SLOW)
    ticket = settled(api, ticket_id)
    assert [r["late"] for r in ticket["rounds"]] == [[], [], []]
    accepted = {u["trainer"]: u["accepted"] for u in ticket["rounds"][0]["updates"]}
    assert accepted[unsteady.provider]
    done = unsteady.diary(job, 1)
    first, second = dict.fromkeys(pid for _, pid in done)
    resumed = [segment for segment, pid in done if pid == second]
    assert resumed[0] == max(segment for segment, pid in done if pid == first) > 0
    assert resumed == list(range(resumed[0], resumed[-1] + 1))


def test_dispatcher_is_killed_between_rounds__comes_back__and_repeats_no_round(
    unsteady: Unsteady, flowers: Path
) -> None:
    unsteady.pace(r2=1.0)
    api, ticket_id = unsteady.start("edsger", flowers)
    until(lambda: ticket_of(api, ticket_id)["rounds"] or None, "Round 1 did not close")
    before = ticket_of(api, ticket_id)["rounds"][0]
    kill(unsteady.stage, "dispatcher")
    unsteady.stage.stack.start_parts("dispatcher")
    ticket = settled(api, ticket_id)
    assert ticket["rounds"][0] == before
    assert [r["number"] for r in ticket["rounds"]] == [1, 2, 3]
    done = unsteady.diary(ticket, 1)
    assert len(done) == len(set(done))
