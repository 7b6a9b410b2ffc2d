"""The description of the API holds every route, takes what the code takes, and is a right OpenAPI document."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from backend.api.openapi.document import described
from tests.support.accounts import browser
from tests.support.api_world import ARBITER, CUSTOMER, STRANGER, World, node_of, quote_body

METHODS = ("get", "put", "post", "delete", "patch", "options")


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    return world.client.get("/api/openapi.json").json


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path): said
        for path, of in document["paths"].items()
        for method, said in of.items()
        if method in METHODS
    }


def conforms(document: dict[str, Any], answer: Any, path: str, method: str = "get") -> None:
    """The answer's status is described, and its body has the schema described for it."""
    told = document["paths"][path][method]["responses"][str(answer.status_code)]
    if "$ref" in told:
        told = document["components"]["responses"][told["$ref"].rpartition("/")[2]]
    schema = told["content"]["application/json"]["schema"]
    jsonschema_rs.validator_for(schema | {"components": document["components"]}).validate(answer.json)


def test_description__every_route_and_no_other__is_in_it(world: World, document) -> None:
    routed = set()
    for rule in world.api.app.url_map.iter_rules():
        path = rule.rule.replace("<path:", "<").replace("<", "{").replace(">", "}")
        automatic = {"HEAD", "OPTIONS"} if {"GET", "POST", "PUT"} & rule.methods else {"HEAD"}
        routed |= {(method, path) for method in rule.methods - automatic}
    assert operations(document).keys() == routed


def test_description__route_that_it_does_not_name__is_no_description(world: World) -> None:
    world.api.app.add_url_rule("/api/secret", endpoint="secret.shown", view_func=lambda: "")
    with pytest.raises(KeyError, match=r"secret\.shown"):
        described(world.api.app, world.parts.settings)


def test_description__bodies__are_those_that_the_code_reads(world: World, document) -> None:
    views = world.api.app.view_functions
    for rule in world.api.app.url_map.iter_rules():
        source = ast.parse(Path(inspect.getfile(inspect.unwrap(views[rule.endpoint]))).read_text())
        name = rule.endpoint.rpartition(".")[2]
        view = next((f for f in ast.walk(source) if isinstance(f, ast.FunctionDef) and f.name == name), None)
        read = {
            call.args[1].id
            for call in (ast.walk(view) if view else ())
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "body"
        }
        path = rule.rule.replace("<path:", "<").replace("<", "{").replace(">", "}")
        told = document["paths"][path].get("post", {}).get("requestBody")
        said = {told["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]} if told else set()
        assert said == read, rule.rule


def test_description__its_schemas__are_schemas_and_its_references_lead_somewhere(document) -> None:
    assert document["openapi"] == "3.1.0"
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)
        # Building it follows every reference.
        jsonschema_rs.validator_for(schema | {"components": document["components"]})
    for said in operations(document).values():
        for answer in said["responses"].values():
            kept = answer.get("$ref", "#/components/responses/400").rpartition("/")[2]
            assert kept in document["components"]["responses"]


def test_description__who_may_call__is_said_of_every_route(document) -> None:
    told = operations(document)
    assert told["GET", "/api/tickets"]["security"] == [{"bearer": []}, {"session": []}]
    assert told["POST", "/api/quotes"]["security"] == [{"bearer": []}, {"session": [], "csrf": []}]
    assert {"link": []} in told["GET", "/api/tickets/{ticket_id}"]["security"]
    assert {"link": []} not in told["POST", "/api/tickets/{ticket_id}/cancel"]["security"]
    assert told["GET", "/objects/{key}"]["security"] == [{"signature": []}]
    assert told["GET", "/api/nodes"]["security"] == []


@pytest.mark.parametrize("life", ["quote", "funded", "running", "settled"])
def test_tickets__at_every_age__have_the_form_described(world: World, document, life: str) -> None:
    made = getattr(world, life)()
    ticket = made[0] if isinstance(made, tuple) else made
    headers = world.sign_in()
    for path in ("/api/tickets", "/api/tickets?view=short"):
        conforms(document, world.client.get(path, headers=headers), "/api/tickets")
    for rest in ("", "/files", "/decision"):
        path = f"/api/tickets/{ticket.id}{rest}"
        conforms(document, world.client.get(path, headers=headers), "/api/tickets/{ticket_id}" + rest)
    conforms(document, world.client.get(f"/api/jobs/{ticket.job_id}"), "/api/jobs/{job_id}")
    conforms(document, world.client.get("/api/jobs"), "/api/jobs")
    conforms(document, world.client.get("/api/network"), "/api/network")
    conforms(
        document,
        world.client.get("/api/admin/overview", headers=world.sign_in(ARBITER)),
        "/api/admin/overview",
    )


def test_nodes_and_people__have_the_form_described(world: World, document) -> None:
    world.nodes.mirror(node_of(STRANGER, CUSTOMER))
    world.running(trainers=(CUSTOMER.address,))
    conforms(document, world.client.get("/api/nodes"), "/api/nodes")
    conforms(document, world.client.get(f"/api/nodes/{CUSTOMER.address}"), "/api/nodes/{provider}")
    conforms(document, browser(world, CUSTOMER).get("/api/auth/session"), "/api/auth/session")
    conforms(document, world.client.get("/api/auth/session"), "/api/auth/session")
    conforms(document, world.client.get("/api/config"), "/api/config")
    conforms(document, world.client.get("/api/health"), "/api/health")
    conforms(document, world.client.get("/api/provider", headers=world.sign_in()), "/api/provider")
    for path, headers in (("/api/prices", {}), ("/api/quotes", world.sign_in())):
        asked = quote_body()
        if path == "/api/prices":
            asked.pop("email")
        conforms(document, world.client.post(path, json=asked, headers=headers), path, "post")
        conforms(document, world.client.post(path, data=b"{", headers=headers), path, "post")


def test_description__a_request_that_is_taken__fits_it_and_one_with_more_does_not(document) -> None:
    schema = {"$ref": "#/components/schemas/QuoteRequest", "components": document["components"]}
    asked = jsonschema_rs.validator_for(schema)
    asked.validate(quote_body())
    assert not asked.is_valid(quote_body() | {"more": 1})
    assert not asked.is_valid(quote_body(spec={"rounds": "2"}))
    assert not asked.is_valid(quote_body(dataset={"rows": 1.5}))


def test_refusals__say_what_would_have_been_possible(world: World) -> None:
    other_method = world.client.delete("/api/nodes")
    assert other_method.status_code == 405
    assert set(other_method.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert world.client.get("/api/tickets").headers["WWW-Authenticate"] == "Bearer"
