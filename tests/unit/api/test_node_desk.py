"""The desk: newer sockets replace older ones, every open task is held by one live socket at most."""

from backend.api.node_desk import NodeDesk
from backend.domain.seat import Seat
from backend.domain.task import Task
from fl_nodes.protocol.tasks import Role, TaskKind


def seat(sid: str, worker: str = "aggregator", machine: str | None = None) -> Seat:
    return Seat(sid, worker, machine or sid, Role.AGGREGATOR, None)


def task(number: int, worker: str = "aggregator") -> Task:
    return Task(f"task-{number}", "t_1", worker, Role.AGGREGATOR, TaskKind.AGGREGATE, {}, 0.0)


def test_hand_out__one_machine_of_several__only_its_socket() -> None:
    desk = NodeDesk()
    desk.join(seat("one"))
    desk.join(seat("two"))
    assert [desk.hand_out(task(n), name) for n, name in ((1, "two"), (2, "one"), (3, "elsewhere"))] == [
        "two",
        "one",
        None,
    ]


def test_hand_out__twice__sends_once() -> None:
    desk = NodeDesk()
    desk.join(seat("one"))
    assert desk.hand_out(task(1)) == "one"
    assert desk.hand_out(task(1)) is None


def test_hand_out__holder_left__goes_to_another() -> None:
    desk = NodeDesk()
    desk.join(seat("one"))
    desk.join(seat("two"))
    assert desk.hand_out(task(1)) == "one"
    desk.leave("one")
    assert desk.hand_out(task(1)) == "two"


def test_hand_out__nobody_there__waits() -> None:
    desk = NodeDesk()
    assert desk.hand_out(task(1)) is None
    desk.join(seat("one"))
    assert desk.hand_out(task(1)) == "one"


def test_hand_out__late_news_of_a_closed_task__sends_nothing() -> None:
    desk = NodeDesk()
    desk.join(seat("one"))
    desk.hand_out(task(1))
    assert desk.let_go("task-1") == "one"
    assert desk.hand_out(task(1)) is None


def test_join__same_machine__replaces_the_older_socket() -> None:
    desk = NodeDesk()
    assert desk.join(seat("old", machine="key")) == []
    desk.hand_out(task(1))
    assert desk.join(seat("new", machine="key")) == ["old"]
    assert desk.hand_out(task(1)) == "new"
    assert desk.leave("old") is None
    assert [s.sid for s in desk.seats()] == ["new"]


def test_sockets_of__only_those_workers() -> None:
    desk = NodeDesk()
    desk.join(seat("one", "0xA"))
    desk.join(seat("two", "0xB"))
    assert desk.sockets_of({"0xB", "0xC"}) == ["two"]
