"""A quote commits to what was asked for, and refuses what cannot be trained before anything is paid."""

from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from backend.config import load
from backend.domain.spec import price
from backend.errors import Invalid
from fl_nodes.protocol.architecture import forward_flops, preset
from tests.support.api_world import CUSTOMER, ESCROW, TOKEN, World, quote_body


def ask(world: World, **changes):
    return world.client.post("/api/quotes", json=quote_body(**changes), headers=world.sign_in())


def test_quote__valid_request__names_exactly_what_to_pay(world: World) -> None:
    answer = ask(world)
    assert answer.status_code == 201
    ticket = world.tickets.get(answer.json["ticket"]["id"])
    due = price(ticket.dataset, ticket.spec, forward_flops(preset("logistic", (2,), 2)))
    assert answer.json["payment"] == {
        "job_id": "0x"
        + keccak(encode(["address", "bytes32"], [CUSTOMER.address, bytes.fromhex(ticket.ref[2:])])).hex(),
        "ref": ticket.ref,
        "spec_hash": "0x" + ticket.spec.hash(),
        "dataset_hash": "0x" + ticket.dataset.sha256,
        "fee_wei": str(due.fee_wei),
        "deadline": int(world.clock()) + 600,
        "escrow": ESCROW,
        "token": TOKEN,
        "chain_id": 31337,
    }
    assert ticket.customer == CUSTOMER.address
    assert answer.json["quote"]["fee_wei"] == answer.json["ticket"]["fee_wei"] == str(due.fee_wei)


def test_quote__asked_twice__gives_two_tickets_that_differ(world: World) -> None:
    one, other = ask(world).json, ask(world).json
    assert one["payment"]["job_id"] != other["payment"]["job_id"]
    assert one["ticket"]["spec"]["seed"] != other["ticket"]["spec"]["seed"]


def test_quote__parts__sum_to_the_price_and_say_how(world: World) -> None:
    dataset = {"size": 20_000_000, "rows": 10**7}
    said = ask(world, dataset=dataset, spec={"rounds": 7, "local_epochs": 3}).json["quote"]
    assert int(said["data_wei"]) + int(said["compute_wei"]) == int(said["fee_wei"])
    assert said["data_wei"] == str(2 * 10**18)
    assert said["formula"]["data"] == "20000000 bytes at 1 DML per 10000000"
    for piece in ("10000000 rows", "3 local epochs", "7 rounds", "FLOPs"):
        assert piece in said["formula"]["compute"]


def test_quote__weights_of_pay__are_the_markets_and_paid_for_by_hash(tmp_path: Path) -> None:
    plain = World(tmp_path)
    settings = load({"ECODML_REWARD_WEIGHTS": "contribution=70, macro_f1=30"})
    world = World(tmp_path, changes={"settings": settings})
    named = {"spec": {"seed": 7}}
    offer = ask(world, **named).json
    assert offer["ticket"]["spec"]["weights"] == {
        "contribution": 70,
        "macro_f1": 30,
        "energy_efficiency": 0,
        "duration": 0,
        "examples": 0,
        "gpu_use": 0,
    }
    assert world.client.get("/api/config").json["reward_weights"] == offer["ticket"]["spec"]["weights"]
    assert offer["payment"]["spec_hash"] != ask(plain, **named).json["payment"]["spec_hash"]


@pytest.mark.parametrize(
    "text", ["contribution=90", "speed=100", "contribution=50,contribution=50", "contribution", "40"]
)
def test_settings__weights_of_pay_that_are_none__are_refused(text: str) -> None:
    with pytest.raises(Invalid, match="ECODML_REWARD_WEIGHTS"):
        load({"ECODML_REWARD_WEIGHTS": text})


def test_quote__seed_named__is_kept(world: World) -> None:
    assert ask(world, spec={"seed": 7}).json["ticket"]["spec"]["seed"] == 7


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dataset": {"classes": ["only"]}}, "dataset.one_class"),
        ({"dataset": {"classes": ["a", "a"]}}, "dataset.one_class"),
        ({"dataset": {"classes": ["a", "b", "a"]}}, "dataset.classes"),
        ({"dataset": {"size": 0}}, "dataset.size"),
        ({"dataset": {"size": 10**12}}, "dataset.size"),
        ({"dataset": {"rows": -1}}, "dataset.rows"),
        ({"dataset": {"sha256": "zz"}}, "dataset.sha256"),
        ({"dataset": {"format": "exe"}}, "dataset.format"),
        ({"dataset": {"name": "a\x00b"}}, "dataset.name"),
        ({"dataset": {"input_shape": []}}, "dataset.input_shape"),
        ({"dataset": {"input_shape": [10**9, 10**9]}}, "dataset.input_shape"),
        ({"dataset": {"rows": "60"}}, "request.shape"),
        ({"dataset": {"$where": "1"}}, "request.shape"),
        ({"spec": {"rounds": 0}}, "spec.rounds"),
        ({"spec": {"rounds": 2.5}}, "spec.shape"),
        ({"spec": {"learning_rate": 1e9}}, "spec.learning_rate"),
        ({"spec": {"surprise": 1}}, "spec.shape"),
        ({"spec": {"weights": {"contribution": 41}}}, "spec.shape"),
        ({"spec": {"weights": {"contribution": 60, "macro_f1": 0}}}, "spec.weights"),
        ({"spec": {"model": "custom"}}, "spec.keras_json"),
        ({"spec": {"model": "cnn"}}, "model.cnn_shape"),
        ({"deadline_seconds": 1}, "deadline.bounds"),
        ({"deadline_seconds": 31 * 86_400}, "deadline.bounds"),
        ({"email": "no address"}, "email.invalid"),
        ({"email": "a@b.example\nBcc: c@d.example"}, "email.invalid"),
        ({"unknown": 1}, "request.shape"),
    ],
)
def test_quote__request_out_of_bounds__is_refused_and_nothing_is_kept(world: World, changes, code) -> None:
    answer = ask(world, **changes)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, code)
    assert world.tickets.find() == []


def test_quote__custom_model_with_a_lambda_layer__is_refused_before_payment(world: World) -> None:
    layers = '{"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda", "config": {}}]}}'
    answer = ask(world, spec={"model": "custom", "keras_json": layers})
    assert answer.status_code == 400
    assert answer.json["error"]["code"].startswith("model.")


def test_quote__no_deadline_named__gets_the_default(world: World) -> None:
    assert ask(world, deadline_seconds=None).json["payment"]["deadline"] == int(world.clock()) + 3600


def test_quote__nan_in_the_body__is_refused(world: World) -> None:
    body = b'{"dataset": {}, "spec": {"learning_rate": NaN}}'
    answer = world.client.post("/api/quotes", data=body, headers=world.sign_in())
    assert answer.json["error"]["code"] == "request.json"
