"""Who may call what: every route and every event by every role, as `authorisation_matrix.txt` and the tables below say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend.api.auth import cookie_name
from backend.api.links import link_token
from tests.support.api_world import AGGREGATOR, greeting, hello
from tests.unit.api.authorisation_stage import (
    BODIES,
    KEY,
    MAY_READ,
    OTHER_KEY,
    OWN_SECRETS,
    ROLES,
    Stage,
    address,
)

MATRIX = Path(__file__).parent / "authorisation_matrix.txt"
LEADS_TO_BUNDLES = ("GET /api/jobs/{job_id}/evidence", "GET /api/admin/overview")


def table() -> dict[str, dict[str, int]]:
    """The statuses by route and role."""
    told: dict[str, dict[str, int]] = {}
    roles: tuple[str, ...] = ()
    for line in MATRIX.read_text().splitlines():
        words = line.split()
        if words[:2] == ["#", "nobody"] and len(words) == len(ROLES) + 1:
            roles = tuple(words[1:])
        elif words and words[0] != "#":
            told[" ".join(words[:2])] = dict(zip(roles, map(int, words[2:]), strict=True))
    return told


TABLE = table()


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """One for all that only look."""
    return Stage(tmp_path_factory.mktemp("stage"))


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_matrix__names_every_route_and_every_role(looked_at: Stage) -> None:
    routed = set()
    for rule in looked_at.world.api.app.url_map.iter_rules():
        path = rule.rule.replace("<path:", "<").replace("<", "{").replace(">", "}")
        routed |= {f"{method} {path}" for method in (rule.methods - {"HEAD", "OPTIONS"} or {"OPTIONS"})}
    assert TABLE.keys() == routed
    assert all(set(row) == set(ROLES) for row in TABLE.values())


@pytest.mark.parametrize("route", TABLE)
def test_route__by_every_role__answers_as_the_matrix_says(route: str, looked_at: Stage, request) -> None:
    method = route.split()[0]
    stage = looked_at if method == "GET" else request.getfixturevalue("stage")
    answered = {}
    for role in ROLES:
        body = BODIES[route](stage) if route in BODIES else None
        answer = stage.ask(role, method, address(stage, route), body)
        answered[role] = answer.status_code
        if answer.status_code >= 400:
            assert set(answer.json["error"]) == {"code", "message", "request"}
        held = [secret for secret in OWN_SECRETS if secret in answer.text]
        if role not in MAY_READ and not (held == ["sig="] and route in LEADS_TO_BUNDLES):
            assert held == [], (role, route)
    assert answered == TABLE[route]


@pytest.mark.parametrize("route", [route for route in TABLE if "{ticket_id}" in route])
def test_link__of_another_ticket__opens_nothing(route: str, looked_at: Stage) -> None:
    method, path = route.split()[0], address(looked_at, route)
    until = int(looked_at.world.clock()) + 60
    elsewhere = link_token(looked_at.world.parts.secret, "t_another", until)
    late = link_token(looked_at.world.parts.secret, looked_at.ticket.id, int(looked_at.world.clock()))
    for token in (elsewhere, late, elsewhere.replace("t_another", looked_at.ticket.id), "", "1.", "x" * 5000):
        answer = looked_at.world.client.open(f"{path}?token={token}", method=method)
        assert answer.status_code in (401, 403, 404)


@pytest.mark.parametrize("route", [route for route in TABLE if "{ticket_id}" in route and "/api/" in route])
def test_ticket__of_somebody_else__is_worded_like_none_at_all(route: str, looked_at: Stage) -> None:
    method, path = route.split()[0], address(looked_at, route)
    known = path.split("/")[3]
    theirs = looked_at.ask("other", method, path)
    none = looked_at.ask("other", method, path.replace(known, "t_none"))
    own = {"request": theirs.json["error"]["request"]}
    assert theirs.json == {
        "error": {
            **none.json["error"],
            "message": none.json["error"]["message"].replace("t_none", known),
            **own,
        }
    }


# --- sockets --------------------------------------------------------------------------------------

NODE_EVENTS: dict[str, dict[str, str]] = {
    #            has not said hello         the accused's node      another node       the operator's worker
    "hello": {
        "nobody": "node.hello",
        "key": "node.hello_twice",
        "other": "node.hello_twice",
        "worker": "node.hello_twice",
    },
    "beat": {"nobody": "node.hello_first", "key": "ok", "other": "ok", "worker": "ok"},
    "done": {
        "nobody": "node.hello_first",
        "other": "task.unknown",
        "worker": "task.unknown",
        "key": "task.result",
    },
    "failed": {"nobody": "node.hello_first", "other": "task.unknown", "worker": "task.unknown", "key": "ok"},
    "*": {
        "nobody": "event.unknown",
        "key": "event.unknown",
        "other": "event.unknown",
        "worker": "event.unknown",
    },
}
"""What each event of `/nodes` is answered with; `done` and `failed` are about a task of the accused's node."""
WATCHING = {
    **dict.fromkeys(("nobody", "ended", "expired", "mail", "other", "key", "accused"), "ticket.unknown"),
    **dict.fromkeys(("validator", "arbiter", "admin", "other_link"), "ticket.unknown"),
    **dict.fromkeys(("link", "page", "owner"), "ok"),
}
"""What `watch` of the customer's ticket is answered with."""


def code(answer: dict[str, Any]) -> str:
    """`ok`, or the refusal's code."""
    return "ok" if answer["ok"] else str(answer["code"])


def seated(stage: Stage, account: Any, role: str) -> Any:
    """A worker's socket that has proven its key."""
    client = stage.world.api.socketio.test_client(
        stage.world.api.app, namespace="/nodes", auth=greeting(account, role)
    )
    nonce = client.get_received("/nodes")[0]["args"][0]["nonce"]
    answer = client.emit("hello", hello(account, role, nonce), namespace="/nodes", callback=True)
    assert answer["ok"], answer
    return client


def test_events__of_both_namespaces__are_all_in_the_tables(looked_at: Stage) -> None:
    handlers = looked_at.world.api.socketio.server.handlers
    assert set(handlers) == {"/nodes", "/tickets"}
    assert handlers["/nodes"].keys() - {"connect", "disconnect"} == NODE_EVENTS.keys()
    assert handlers["/tickets"].keys() - {"connect", "disconnect", "*"} == {"watch"}


@pytest.mark.parametrize("event", NODE_EVENTS)
def test_node_event__by_every_worker__answers_as_the_table_says(event: str, stage: Stage) -> None:
    world = stage.world
    task = stage.task()
    sent: dict[str, dict[str, Any]] = {
        "hello": {},
        "beat": {},
        "done": {"id": task, "result": {}},
        "failed": {"id": task, "code": "a.b", "message": "c"},
        "*": {},
    }
    sockets = {
        "nobody": world.api.socketio.test_client(
            world.api.app, namespace="/nodes", auth=greeting(KEY, "trainer")
        ),
        "other": seated(stage, OTHER_KEY, "trainer"),
        "worker": seated(stage, AGGREGATOR, "aggregator"),
        "key": seated(stage, KEY, "trainer"),
    }
    name = "nonsense" if event == "*" else event
    told = {
        who: code(client.emit(name, sent[event], namespace="/nodes", callback=True))
        for who, client in sockets.items()
    }
    assert told == NODE_EVENTS[event]


@pytest.mark.parametrize("role", WATCHING)
def test_watch__by_every_role__answers_as_the_table_says(role: str, looked_at: Stage) -> None:
    world, ticket = looked_at.world, looked_at.ticket
    until = int(world.clock()) + 60
    headers, auth = {}, {}
    if role in ("link", "other_link"):
        auth["link"] = link_token(world.parts.secret, ticket.id if role == "link" else "t_another", until)
    elif role == "page":
        headers["Cookie"] = f"{cookie_name(world.parts.settings)}={looked_at.sessions[role]}"
    elif role in looked_at.sessions:
        auth["token"] = looked_at.sessions[role]
    client = world.api.socketio.test_client(world.api.app, namespace="/tickets", auth=auth, headers=headers)
    answer = client.emit("watch", {"ticket_id": ticket.id}, namespace="/tickets", callback=True)
    assert code(answer) == WATCHING[role]
    assert ("ticket" in answer) == (WATCHING[role] == "ok")
