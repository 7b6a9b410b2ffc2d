"""What only the real database can break: restarts, crashes, lost connections, what is stored of secrets."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pymongo
import pytest

from backend.adapters import mongo
from backend.domain.task import TaskState
from backend.domain.ticket import Funded, Status
from backend.domain.user import User, verified
from backend.errors import Invalid, Recoverable
from tests.support.clock import ManualClock
from tests.support.mongod import Mongod, free_port
from tests.support.tickets import LARGE_FEE_WEI, new_task, new_ticket

FUNDED = Funded(LARGE_FEE_WEI, 2_000_000_001, "0xtx")


@pytest.fixture
def fragile(tmp_path):
    """A mongod of this test's own, to crash."""
    server = Mongod(tmp_path)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def test_connect__no_server__recoverable(monkeypatch):
    monkeypatch.setattr("backend.adapters.mongo.connection.SELECTION_MS", 100)
    with pytest.raises(Recoverable) as refusal:
        mongo.connect(f"mongodb://127.0.0.1:{free_port()}/", "none")
    assert refusal.value.code == "database.unreachable"


def test_connect__nonsense__invalid():
    with pytest.raises(Invalid) as refusal:
        mongo.connect("http://example", "none")
    assert refusal.value.code == "settings.database"


def test_connect__twice__keeps_its_indexes(mongod, database):
    with mongo.connect(mongod.uri, database.durable("tickets").database.name) as again:
        indexes = again.durable("tickets").index_information()
    assert {"ref_1", "job_id_1"} <= set(indexes)


def test_close__with_streams_open__ends_their_threads(mongod):
    before = set(threading.enumerate())
    db = mongo.connect(mongod.uri, "closing")
    mongo.MongoTickets(db, ManualClock())
    mongo.MongoTasks(db, ManualClock()).wait([], 1)
    db.close()
    left = [t.name for t in set(threading.enumerate()) - before if t.name.startswith("watch-")]
    assert left == []


def test_advance__effect_that_cannot_be_written__ticket_stays_as_it_was(database, monkeypatch):
    tickets = mongo.MongoTickets(database, ManualClock())
    ticket = new_ticket()
    tickets.add(ticket)

    def fail(*_: object) -> None:
        raise pymongo.errors.OperationFailure("disk full")

    monkeypatch.setattr("backend.adapters.mongo.tickets.insert_effects", fail)
    with pytest.raises(Exception, match="disk full"):
        tickets.advance(ticket.id, FUNDED)
    assert tickets.get(ticket.id) == ticket


def test_sessions__stored__hold_no_token(database):
    token = mongo.MongoSessions(database).open("u_1", "0xCustomer", 1_900_000_000.0)
    (stored,) = database.durable("sessions").find()
    assert token not in str(stored)


def test_sessions__kept_before_they_had_users__are_over(database):
    sessions = mongo.MongoSessions(database)
    token = sessions.open("u_1", "0xCustomer", 1_900_000_000.0)
    database.durable("sessions").update_one({}, {"$unset": {"user": 1}})
    assert sessions.find(token, 1_900_000_000.0) is None


def test_users__sign_up_that_nobody_confirms__is_removed_by_the_server_some_day(database):
    users = mongo.MongoUsers(database)
    users.add(User("u_1", 1_900_000_000.0, email="anna@example.org", password_hash="h"))
    (kept,) = database.durable("users").find()
    assert kept["expires"].timestamp() > 1_900_000_000.0
    users.change("u_1", lambda user: verified(user, 1_900_000_001.0))
    (kept,) = database.durable("users").find()
    assert "expires" not in kept
    assert database.durable("users").index_information()["expires_1"]["expireAfterSeconds"] == 0


def test_queries__given_an_operator_for_a_value__find_nothing(database):
    clock = ManualClock()
    tickets, sessions = mongo.MongoTickets(database, clock), mongo.MongoSessions(database)
    ticket = new_ticket()
    tickets.add(ticket)
    sessions.new_nonce(1_900_000_000.0)
    assert tickets.find(customers=[{"$ne": None}]) == []
    assert tickets.by_job({"$ne": None}) is None
    assert not sessions.use_nonce({"$ne": None}, 1_900_000_000.0)


def test_advance__server_crashed__recoverable_then_nothing_is_lost(fragile, monkeypatch):
    monkeypatch.setattr("backend.adapters.mongo.connection.SELECTION_MS", 1_000)
    with mongo.connect(fragile.uri, "crash") as db:
        tickets, effects = mongo.MongoTickets(db, ManualClock()), mongo.MongoEffects(db, ManualClock())
        ticket = new_ticket()
        tickets.add(ticket)
        after = tickets.advance(ticket.id, FUNDED)
        fragile.kill()
        with pytest.raises(Recoverable) as refusal:
            tickets.get(ticket.id)
        assert refusal.value.code == "database.unreachable"
        fragile.start()
        assert tickets.get(ticket.id) == after
        assert tickets.advance(ticket.id, FUNDED) == after
        assert after.status is Status.FUNDED
        assert [q.key for q in effects.pending(["SendMail"])] == [f"{ticket.id}/mail/funded"]


def test_follow__server_crashes_in_between__yields_each_task_once(fragile):
    clock, stopped = ManualClock(), threading.Event()
    with mongo.connect(fragile.uri, "crash") as db, mongo.connect(fragile.uri, "crash") as writing_db:
        tasks, writer = mongo.MongoTasks(db, clock), mongo.MongoTasks(writing_db, clock)
        first, second, third = new_task(), new_task(), new_task()
        tasks.put([first])
        followed = tasks.follow(stopped.is_set)
        assert next(followed) == first
        writer.put([second])
        assert next(followed) == second
        fragile.kill()
        with ThreadPoolExecutor(1) as follower:
            following = follower.submit(next, followed)
            fragile.start()
            writer.put([third])
            assert following.result(60) == third
        stopped.set()
        assert list(followed) == []


def test_follow__stopped_while_the_server_is_down__ends(fragile):
    stopped = threading.Event()
    with mongo.connect(fragile.uri, "crash") as db:
        tasks = mongo.MongoTasks(db, ManualClock())
        task = new_task()
        tasks.put([task])
        followed = tasks.follow(stopped.is_set)
        assert next(followed) == task
        fragile.kill()
        with ThreadPoolExecutor(1) as follower:
            rest = follower.submit(list, followed)
            stopped.set()
            assert rest.result(30) == []


def test_wait__answered_by_another_process__wakes(mongod, database):
    clock = ManualClock()
    name = database.durable("tasks").database.name
    with mongo.connect(mongod.uri, name) as elsewhere:
        mine, theirs = mongo.MongoTasks(database, clock), mongo.MongoTasks(elsewhere, clock)
        task = new_task()
        mine.put([task])
        with ThreadPoolExecutor(1) as waiter:
            waited = waiter.submit(mine.wait, [task.id], 60)
            theirs.answer(task.id, task.worker, {})
            assert waited.result(30)[task.id].state is TaskState.DONE
