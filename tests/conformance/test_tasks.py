"""`ports.Tasks`: work handed across processes."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest

from backend.domain.task import TaskState
from backend.errors import Invalid
from tests.support.tickets import LARGE_FEE_WEI, new_task


def test_get__stored_task__comes_back_equal(stores):
    task = new_task()
    stores.tasks.put([task])
    assert stores.tasks.get(task.id) == task
    assert stores.tasks.get("nothing") is None


def test_put__id_exists__left_as_it_is(stores):
    old, new = new_task(), new_task()
    stores.tasks.put([old])
    stores.tasks.answer(old.id, old.worker, {"x": 1})
    stores.tasks.put([replace(old, payload={}), new, new])
    assert stores.tasks.get(old.id) == replace(old, state=TaskState.DONE, result={"x": 1})
    assert stores.tasks.get(new.id) == new
    stores.tasks.put([])


def test_open_for__several__open_ones_of_the_worker_oldest_first(stores):
    tasks = [new_task() for _ in range(12)]
    stores.tasks.put(tasks[:11])
    stores.clock.advance(1)
    stores.tasks.put([tasks[11], new_task(worker="0xOther")])
    stores.tasks.answer(tasks[1].id, "0xWorker", {})
    assert stores.tasks.open_for("0xWorker") == [tasks[0], *tasks[2:]]
    assert stores.tasks.open_for("0xNobody") == []


def test_answer__first__wins(stores):
    task = new_task()
    stores.tasks.put([task])
    result = {"huge": LARGE_FEE_WEI, "a.b": {"$x": [0.1, None, "é\ud800\x00"]}}
    assert not stores.tasks.answer(task.id, "0xOther", {})
    assert stores.tasks.answer(task.id, task.worker, result)
    assert not stores.tasks.answer(task.id, task.worker, {"second": True})
    assert not stores.tasks.refuse(task.id, task.worker, "late", "late")
    assert stores.tasks.get(task.id) == replace(task, state=TaskState.DONE, result=result)
    assert not stores.tasks.answer("nothing", task.worker, {})


def test_answer__not_json__refused_and_still_open(stores):
    task = new_task()
    stores.tasks.put([task])
    with pytest.raises(Invalid) as refusal:
        stores.tasks.answer(task.id, task.worker, {"loss": float("nan")})
    assert refusal.value.code == "data.not_json"
    assert stores.tasks.get(task.id) == task


def test_answer__raced_by_many__one_wins(stores):
    task = new_task()
    stores.tasks.put([task])
    with ThreadPoolExecutor(8) as racers:
        won = list(racers.map(lambda n: stores.tasks.answer(task.id, task.worker, {"n": n}), range(8)))
    assert won.count(True) == 1
    assert stores.tasks.get(task.id).result == {"n": won.index(True)}


def test_refuse__open_task__fails_with_code_and_message(stores):
    task = new_task()
    stores.tasks.put([task])
    assert stores.tasks.refuse(task.id, task.worker, "gpu.lost", "The GPU is gone.")
    expected = replace(task, state=TaskState.FAILED, code="gpu.lost", message="The GPU is gone.")
    assert stores.tasks.get(task.id) == expected


def test_cancel__ticket__cancels_and_returns_its_open_tasks(stores):
    done, one, two = (new_task(ticket_id="mine") for _ in range(3))
    other = new_task(ticket_id="other")
    stores.tasks.put([done, one, two, other])
    stores.tasks.answer(done.id, done.worker, {})
    cancelled = [replace(task, state=TaskState.CANCELLED) for task in (one, two)]
    assert stores.tasks.cancel("mine") == cancelled
    assert stores.tasks.cancel("mine") == []
    assert stores.tasks.get(other.id) == other
    assert not stores.tasks.answer(one.id, one.worker, {})


def test_withdraw__some_tasks__cancels_those_that_are_open(stores):
    answered, late, other = new_task(), new_task(), new_task()
    stores.tasks.put([answered, late, other])
    stores.tasks.answer(answered.id, answered.worker, {})
    assert stores.tasks.withdraw([answered.id, late.id, "nothing"]) == [
        replace(late, state=TaskState.CANCELLED)
    ]
    assert not stores.tasks.answer(late.id, late.worker, {})
    assert stores.tasks.get(other.id) == other
    assert stores.tasks.withdraw([]) == []


def test_wait__answered_meanwhile__returns_all_as_they_are(stores):
    answered, refused, before = (new_task() for _ in range(3))
    stores.tasks.put([answered, refused, before])
    stores.tasks.answer(before.id, before.worker, {})
    ids = [answered.id, refused.id, before.id, "nothing"]
    with ThreadPoolExecutor(1) as waiter:
        waited = waiter.submit(stores.tasks.wait, ids, 60)
        assert stores.tasks.answer(answered.id, answered.worker, {"x": 1})
        assert stores.tasks.refuse(refused.id, refused.worker, "c", "m")
        found = waited.result(30)
    states = {key: task.state for key, task in found.items()}
    assert states == {
        answered.id: TaskState.DONE,
        refused.id: TaskState.FAILED,
        before.id: TaskState.DONE,
    }


def test_wait__still_open__returns_after_its_time(stores):
    task = new_task()
    stores.tasks.put([task])
    assert stores.tasks.wait([task.id], 0.05) == {task.id: task}
    assert stores.tasks.wait([], 60) == {}


def test_follow__added_and_cancelled__yields_each(stores):
    before, after = new_task(ticket_id="a"), new_task(ticket_id="b")
    stores.tasks.put([before])
    stopped = Event()
    followed = stores.tasks.follow(stopped.is_set)
    assert next(followed) == before
    stores.tasks.put([after])
    stores.tasks.answer(before.id, before.worker, {})
    stores.tasks.cancel("b")
    assert next(followed).id == after.id
    assert next(followed) == replace(after, state=TaskState.CANCELLED)
    stopped.set()
    assert list(followed) == []
