"""The next round trains while this one's segments are re-run; nothing closes and nothing is paid before they are in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from backend.domain.task import Task, TaskState
from backend.domain.ticket import Status, Ticket
from fl_nodes.protocol.tasks import TaskKind, TrainTask, ValidationReport
from fl_nodes.protocol.wire import from_wire
from tests.unit.dispatch.scripted_workers import ScriptedWorkers
from tests.unit.dispatch.test_job_loop import ESCROW, KEYS, TRAINERS, VALIDATORS, World, make_world

REPLAYS = frozenset(f"t_1/1/replay/{v}" for v in VALIDATORS)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.01)


class Running:
    """A job under way in a thread of its own."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.after: list[Ticket] = []
        self._thread = threading.Thread(target=lambda: self.after.append(world.run()), daemon=True)
        self._thread.start()

    def task(self, name: str, worker: str = "0xT1") -> Task | None:
        return self.world.parts.tasks.get(f"t_1/{name}/{worker}")

    def ticket(self) -> Ticket:
        return self.world.parts.tickets.get("t_1")

    def end(self) -> Ticket:
        self._thread.join(10)
        (after,) = self.after
        return after


def release(workers: ScriptedWorkers, world: World) -> None:
    """Validators are done with re-running round 1."""
    for task_id in sorted(REPLAYS):
        task = world.parts.tasks.get(task_id)
        if task is not None:
            workers.answer(task)


def model_of(task: Task | None) -> str:
    assert task is not None
    return from_wire(TrainTask, task.payload).model.sha256


def test_replays_still_run__the_next_round_trains__and_this_one_is_not_closed() -> None:
    world = make_world(rounds=2)
    with world.workers(late=REPLAYS) as workers:
        running = Running(world)
        until(lambda: all(_done(running.task("2/train", t)) for t in TRAINERS))
        assert running.ticket().rounds == ()
        assert running.task("2/reveal") is None
        release(workers, world)
        after = running.end()
    assert after.status is Status.SETTLING
    assert workers.kinds.count(TaskKind.TRAIN) == 8
    assert workers.kinds.count(TaskKind.AGGREGATE) == 2
    assert model_of(running.task("2/train")) == after.rounds[0].model_sha256


def test_replays_find_a_cheat__the_round_never_closes_and_the_next_is_called_back() -> None:
    world = make_world(rounds=2)
    late = REPLAYS | {"t_1/2/train/0xT2"}
    with world.workers(cheats=frozenset({"0xT4"}), late=late) as workers:
        running = Running(world)
        until(lambda: running.task("2/train", "0xT2") is not None)
        release(workers, world)
        after = running.end()
    assert after.status is Status.FAILED
    assert after.verdict is not None
    assert after.verdict.culprits == ("0xT4",)
    assert after.rounds == ()
    withdrawn = running.task("2/train", "0xT2")
    assert withdrawn is not None
    assert withdrawn.state is TaskState.CANCELLED


class OneDoubt(ScriptedWorkers):
    """In round 1 the first validator says that the work of 0xT4 does not match."""

    def _validate(self, task: Task) -> ValidationReport:
        self._cheats = frozenset({"0xT4"}) if task.worker == "0xV1" and "/1/" in task.id else frozenset()
        return super()._validate(task)


def test_replays_leave_a_doubt__the_model_is_made_again_without_it_and_the_next_round_starts_from_that() -> (
    None
):
    """One voice against, one for, and nobody left to ask: out of the model, and nobody's deposit."""
    world = make_world(VALIDATORS[:2], rounds=2)
    with OneDoubt(world.parts.tasks, world.parts.objects, KEYS, 31337, ESCROW):
        after = world.run()
    assert after.status is Status.SETTLING
    first = {line["trainer"]: line["accepted"] for line in after.rounds[0].updates}
    assert first == {"0xT1": True, "0xT2": True, "0xT3": True, "0xT4": False}
    assert after.rounds[0].model_key.endswith("model-cleared.safetensors")
    assert model_of(world.parts.tasks.get("t_1/2/train-cleared/0xT1")) == after.rounds[0].model_sha256
    assert {u["trainer"] for u in after.rounds[1].updates if u["accepted"]} == set(TRAINERS)


def test_differential_privacy__no_model_is_shown_before_all_replays_are_in() -> None:
    world = make_world(rounds=2, privacy_noise=1.0)
    with world.workers(late=REPLAYS) as workers:
        running = Running(world)
        until(lambda: running.task("1/replay", "0xV1") is not None)
        time.sleep(0.3)
        assert running.task("1/aggregate", "aggregator") is None
        assert running.task("2/train") is None
        release(workers, world)
        assert running.end().status is Status.SETTLING


def _done(task: Task | None) -> bool:
    return task is not None and task.state is TaskState.DONE
