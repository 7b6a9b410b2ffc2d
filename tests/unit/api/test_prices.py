"""What a training costs can be asked by anybody, and asking leaves nothing behind."""

from typing import Any

import pytest

from tests.support.api_world import World, quote_body


def ask(world: World, **changes: Any) -> Any:
    body = {name: value for name, value in quote_body(**changes).items() if name != "email"}
    return world.client.post("/api/prices", json=body)


def test_price__without_an_account__is_the_one_that_is_quoted_and_nothing_is_kept(world: World) -> None:
    wanted = {"rounds": 7, "local_epochs": 3}
    said = ask(world, spec=wanted)
    assert said.status_code == 200
    assert world.tickets.find() == []
    quoted = world.client.post("/api/quotes", json=quote_body(spec=wanted), headers=world.sign_in())
    assert said.json["quote"] == quoted.json["quote"]
    assert int(said.json["quote"]["fee_wei"]) > 0


def test_price__no_deadline_named__says_the_default(world: World) -> None:
    assert ask(world, deadline_seconds=None).json["deadline_seconds"] == 3600


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dataset": {"classes": ["only"]}}, "dataset.one_class"),
        ({"dataset": {"rows": 20}}, "dataset.too_small"),
        ({"spec": {"rounds": 0}}, "spec.rounds"),
        ({"spec": {"model": "cnn"}}, "model.cnn_shape"),
        ({"spec": {"surprise": 1}}, "spec.shape"),
        ({"deadline_seconds": 1}, "deadline.bounds"),
    ],
)
def test_price__of_what_cannot_be_trained__is_refused_as_its_quote_is(
    world: World, changes: dict[str, Any], code: str
) -> None:
    said = ask(world, **changes)
    quoted = world.client.post("/api/quotes", json=quote_body(**changes), headers=world.sign_in())
    assert (said.status_code, said.json["error"]["code"]) == (400, code)
    assert said.json["error"] | {"request": ""} == quoted.json["error"] | {"request": ""}


def test_price__of_an_unknown_field__is_refused(world: World) -> None:
    assert ask(world, surprise=1).json["error"]["code"] == "request.shape"
