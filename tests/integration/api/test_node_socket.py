"""Workers over a real socket: proof before work, every open task to one live socket, answers only from its holder."""

from typing import Any

from backend.domain.task import Task, TaskState
from backend.domain.ticket import Expired
from fl_nodes.protocol.tasks import Role, TaskKind
from tests.integration.api.conftest import Served, eventually
from tests.support.api_world import AGGREGATOR, CUSTOMER, STRANGER, node_of

KEY, PROVIDER = STRANGER, CUSTOMER
SIGNATURE = {"validator": "0xA", "signature": "0x00", "refusal": ""}


def task(number: int, worker: str, role: Role = Role.TRAINER) -> Task:
    return Task(f"t_1/{number}", "t_1", worker, role, TaskKind.SIGN_VERDICT, {"n": number}, 2_000_000_000.0)


def registered(served: Served, **changes: Any) -> None:
    served.world.nodes.mirror(node_of(KEY, PROVIDER, **changes))


def test_worker__joins__gets_open_and_new_tasks_and_answers_them(served: Served) -> None:
    registered(served)
    tasks = served.world.tasks
    tasks.put([task(1, PROVIDER.address)])
    worker = served.join(KEY, "trainer", provider=PROVIDER.address, zone="DE")
    assert worker.next("task") == {
        "id": "t_1/1",
        "kind": "sign_verdict",
        "payload": {"n": 1},
        "deadline_unix_s": 2_000_000_000.0,
    }
    assert worker.say("done", {"id": "t_1/1", "result": SIGNATURE}) == {"ok": True}
    assert tasks.get("t_1/1").result == SIGNATURE
    tasks.put([task(2, PROVIDER.address)])
    assert worker.next("task")["id"] == "t_1/2"
    assert worker.say("failed", {"id": "t_1/2", "code": "busy", "message": "No memory."}) == {"ok": True}
    assert (tasks.get("t_1/2").state, tasks.get("t_1/2").code) == (TaskState.FAILED, "busy")
    tasks.put([task(3, PROVIDER.address)])
    assert worker.next("task")["id"] == "t_1/3"
    tasks.cancel("t_1")
    assert worker.next("cancel") == {"id": "t_1/3"}
    assert worker.say("done", {"id": "t_1/3", "result": SIGNATURE})["code"] == "task.closed"


def test_worker__seen_while_connected__and_gone_after(served: Served) -> None:
    registered(served)
    worker = served.join(KEY, "trainer", zone="DE", hardware={"gpu": "none"})
    node = served.world.nodes.get(PROVIDER.address)
    assert (node.online, node.role, node.zone, node.hardware) == (True, "trainer", "DE", {"gpu": "none"})
    assert worker.say("beat", {}) == {"ok": True}
    worker.client.disconnect()
    eventually(lambda: not served.world.nodes.get(PROVIDER.address).online)


def test_worker__nobody_needs_it_until_the_next_hour__is_told_once(served: Served) -> None:
    registered(served)
    worker = served.join(KEY, "trainer")
    until = served.world.clock() + 1_800
    served.world.nodes.may_rest(PROVIDER.address, until)
    for _ in range(2):
        served.world.api.node_socket.sweep()
    served.world.tasks.put([task(1, PROVIDER.address)])

    assert worker.next("rest") == {"until": until}
    assert worker.next("task")["id"] == "t_1/1"


def test_worker__connects_again__takes_over_from_its_older_socket(served: Served) -> None:
    registered(served)
    older = served.join(KEY, "trainer")
    served.world.tasks.put([task(1, PROVIDER.address)])
    older.next("task")
    newer = served.join(KEY, "trainer")
    assert older.closed.wait(10)
    assert newer.next("task")["id"] == "t_1/1"
    assert newer.say("done", {"id": "t_1/1", "result": SIGNATURE}) == {"ok": True}
    assert served.world.nodes.get(PROVIDER.address).online


def test_workers__of_one_role__take_turns_and_inherit_from_one_that_leaves(served: Served) -> None:
    one = served.join(AGGREGATOR, "aggregator", name="one")
    other = served.join(AGGREGATOR, "aggregator", name="other")
    served.world.tasks.put([task(1, "aggregator", Role.AGGREGATOR), task(2, "aggregator", Role.AGGREGATOR)])
    assert {one.next("task")["id"], other.next("task")["id"]} == {"t_1/1", "t_1/2"}
    one.client.disconnect()
    assert other.next("task")["id"].startswith("t_1/")


def test_worker__without_proof__may_do_nothing(served: Served) -> None:
    registered(served)
    served.world.tasks.put([task(1, PROVIDER.address)])
    worker = served.dial(KEY, "trainer")
    for event in ("done", "failed", "beat"):
        assert worker.say(event, {"id": "t_1/1", "result": SIGNATURE})["code"] == "node.hello_first"
    assert worker.say("hello", worker.hello | {"signature": "0x" + "00" * 65})["code"] == "node.signature"
    assert worker.say("hello", worker.hello) | {"worker": ""} == {"ok": True, "worker": ""}
    assert worker.say("hello", worker.hello)["code"] == "node.hello_twice"
    replayed = served.dial(KEY, "trainer")
    assert replayed.say("hello", worker.hello)["code"] == "node.signature"


def test_worker__unknown_key_or_protocol__is_told_why(served: Served) -> None:
    worker = served.dial(KEY, "trainer")
    assert worker.say("hello", worker.hello)["code"] == "node.unknown"
    registered(served)
    assert worker.say("hello", worker.hello)["ok"]
    old = served.dial(KEY, "trainer", greeting={"protocol": 0})
    assert old.say("hello", old.hello)["code"] == "node.protocol"


def test_worker__another_workers_task__cannot_be_answered(served: Served) -> None:
    registered(served)
    served.world.tasks.put([task(1, "0xSomebodyElse")])
    worker = served.join(KEY, "trainer")
    assert worker.say("done", {"id": "t_1/1", "result": SIGNATURE})["code"] == "task.unknown"
    assert worker.say("failed", {"id": "t_1/1", "code": "x", "message": "y"})["code"] == "task.unknown"
    assert served.world.tasks.get("t_1/1").state is TaskState.OPEN


def test_worker__malformed_events__are_refused_with_a_code(served: Served) -> None:
    registered(served)
    served.world.tasks.put([task(1, PROVIDER.address)])
    worker = served.join(KEY, "trainer")
    assert worker.say("launch", {})["code"] == "event.unknown"
    assert worker.say("done", "text")["code"] == "event.payload"
    assert worker.say("done", {"id": 1})["code"] == "task.done"
    assert worker.say("done", {"id": {"$ne": ""}, "result": {}})["code"] == "task.done"
    assert worker.say("done", {"id": "t_1/1", "result": {"surprise": float("nan")}})["code"] == "task.result"
    assert served.world.tasks.get("t_1/1").code == "task.result"


def test_worker__an_event_larger_than_allowed__costs_the_connection_only(served: Served) -> None:
    registered(served)
    worker = served.join(KEY, "trainer")
    worker.client.emit("done", {"id": "x", "result": {"bytes": "x" * 9_000_000}}, namespace="/nodes")
    assert worker.closed.wait(10)
    assert served.join(KEY, "trainer").say("beat", {}) == {"ok": True}


def test_job__ended__releases_its_nodes(served: Served) -> None:
    registered(served)
    worker = served.join(KEY, "trainer")
    ticket = served.world.running(trainers=(PROVIDER.address, "0xB"))
    eventually(lambda: ticket.id in served.world.api.ticket_socket.at_work())
    served.world.tickets.advance(ticket.id, Expired())
    assert worker.next("released") == {"job_id": ticket.job_id}


def test_metrics_and_health__tell_who_is_connected(served: Served) -> None:
    registered(served)
    served.join(KEY, "trainer")
    served.join(AGGREGATOR, "aggregator")
    served.world.tasks.put([task(1, PROVIDER.address)])
    text = served.world.client.get("/metrics").text
    assert 'ecodml_nodes_online{role="trainer"} 1.0' in text
    assert 'ecodml_tasks{state="open"} 1.0' in text
    parts = served.world.client.get("/api/health").json["parts"]
    assert parts["aggregator"]["ok"]
    assert parts["nodes"]["detail"] == "1 trainers and 0 validators online"


def test_worker__says_what_its_site_gives__at_hello_and_with_beats(served: Served) -> None:
    registered(served)
    worker = served.join(KEY, "trainer", zone="MARS", forecast={"supply": {"watts": [1]}})
    node = served.world.nodes.get(PROVIDER.address)
    assert (node.zone, node.forecast) == ("", {"supply": {"watts": [1]}})
    assert worker.say("beat", {"forecast": {"supply": {"watts": [2]}}}) == {"ok": True}
    assert served.world.nodes.get(PROVIDER.address).forecast == {"supply": {"watts": [2]}}
    assert worker.say("beat", {"forecast": {"x": "y" * 20_000}})["code"] == "node.hello"
