"""What is not documented does not exist."""

import re
from pathlib import Path

from tests.support.api_world import CUSTOMER, STRANGER, World, node_of

DOCUMENT = Path(__file__).parents[3] / "docs" / "api.md"
NAMES = {
    "job": "JOB",
    "job_id": "JOB",
    "ticket": "ID",
    "ticket_id": "ID",
    "provider": "PROVIDER",
    "key": "KEY",
    "zone": "ZONE",
    "index": "INDEX",
    "number": "NUMBER",
}


def test_documentation__names_every_route_and_event(world: World) -> None:
    text = DOCUMENT.read_text()
    for rule in world.api.app.url_map.iter_rules():
        path = re.sub(
            r"<(?:path:)?(\w+)>",
            lambda match, rule=rule: NAMES.get(match[1], "FILE" if rule.rule.startswith("/t/") else "NAME"),
            rule.rule,
        )
        assert path in text, path
    handlers = world.api.socketio.server.handlers
    for namespace in ("/nodes", "/tickets"):
        assert f"Socket.IO: `{namespace}`" in text
        for event in handlers[namespace].keys() - {"connect", "disconnect", "*"}:
            assert f"`{event}`" in text, event


def test_documentation__names_every_field_of_tickets_and_nodes(world: World) -> None:
    text = DOCUMENT.read_text()
    start, middle = text.index("*TICKET* is"), text.index("*NODE* is")
    end = text.index("## Objects")
    ticket = world.client.get(f"/api/tickets/{world.quote().id}", headers=world.sign_in()).json["ticket"]
    world.nodes.mirror(node_of(STRANGER, CUSTOMER))
    node = world.client.get("/api/nodes").json["nodes"][0]
    assert {field for field in ticket if not re.search(rf"\b{field}\b", text[start:middle])} == set()
    assert {field for field in node if not re.search(rf"\b{field}\b", text[middle:end])} == set()
