"""Joining from a page: invitations, the machines that answer them, free names."""

from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct

from backend.adapters.signatures import EthSignatures
from fl_nodes.protocol.invitation import InvitationAnswer, answer_text
from fl_nodes.protocol.wire import to_wire
from tests.support.api_world import CHAIN_ID, CUSTOMER, ESCROW, STRANGER, World, node_of

MACHINE = Account.from_key("0x" + "05" * 32)


def invite(world: World, name: str = "sun-9", role: str = "trainer", who=CUSTOMER):
    asked = {"name": name, "role": role}
    return world.client.post("/api/provider/invitations", json=asked, headers=world.sign_in(who))


def answer_to(world: World, signer=MACHINE, **changes) -> dict:
    token = invite(world).json["invitation"]
    answer = InvitationAnswer(CUSTOMER.address, "sun-9", "trainer", token, signer.address, {"cpu": "x"})
    answer = replace(answer, **changes)
    signed = signer.sign_message(encode_defunct(text=answer_text(CHAIN_ID, ESCROW, answer)))
    return to_wire(replace(answer, signature=signed.signature.to_0x_hex()))


def send(world: World, message: dict):
    return world.client.post("/api/invitations/answers", json=message)


def machines(world: World, who=CUSTOMER) -> list[dict]:
    return world.client.get("/api/provider/machines", headers=world.sign_in(who)).json["machines"]


def test_answer__to_an_invitation__shows_the_machine_with_its_code_to_that_provider_alone(world):
    answered = send(world, answer_to(world))
    assert answered.status_code == 200, answered.text
    (machine,) = machines(world)
    assert (machine["key"], machine["name"], machine["role"]) == (MACHINE.address, "sun-9", "trainer")
    assert machine["code"] == answered.json["code"]
    assert machine["hardware"] == {"cpu": "x"}
    assert machines(world, STRANGER) == []
    assert world.client.get("/api/provider/machines").status_code == 401


def test_machine__gone_silent__is_no_longer_listed(world):
    send(world, answer_to(world))
    world.clock.at += 61
    assert machines(world) == []


def test_codes__of_two_machines__differ(world):
    first, second = (send(world, answer_to(world, key)).json["code"] for key in (MACHINE, STRANGER))
    assert first != second


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "moon-9"}, "invitation.unknown"),
        ({"role": "validator"}, "invitation.unknown"),
        ({"provider": STRANGER.address}, "invitation.unknown"),
        ({"invitation": "x"}, "invitation.unknown"),
        ({"invitation": "99999999999." + "0" * 32}, "invitation.unknown"),
        ({"key": STRANGER.address}, "invitation.signature"),
    ],
)
def test_answer__that_was_not_invited_or_not_signed_by_its_key__is_refused(world, changes, code):
    refused = send(world, answer_to(world, **changes))
    assert (refused.status_code, refused.json["error"]["code"]) == (403, code)
    assert machines(world) == []


def test_answer__an_hour_later__is_refused(world):
    message = answer_to(world)
    world.clock.at += 3600
    assert send(world, message).json["error"]["code"] == "invitation.expired"


def test_answer__with_a_registered_key__is_refused(world):
    world.nodes.mirror(node_of(MACHINE, STRANGER))
    assert send(world, answer_to(world)).json["error"]["code"] == "node.key_taken"


def test_answer__eleventh_machine__is_refused_and_the_others_may_repeat(world):
    keys = [Account.from_key(f"0x{number:064x}") for number in range(100, 111)]
    answers = [send(world, answer_to(world, key)) for key in keys]
    assert [a.status_code for a in answers] == [200] * 10 + [409]
    assert answers[-1].json["error"]["code"] == "invitation.crowded"
    assert send(world, answer_to(world, keys[0])).status_code == 200


@pytest.mark.parametrize(
    ("name", "role", "status", "code"),
    [
        ("no spaces", "trainer", 400, "node.name"),
        ("x" * 41, "trainer", 400, "node.name"),
        ("sun-9", "king", 400, "node.role"),
        ("SUN-1", "trainer", 409, "node.name_taken"),
    ],
)
def test_invite__what_the_contract_would_refuse__is_refused_before_the_wallet_is_asked(
    world, name, role, status, code
):
    world.nodes.mirror(node_of(MACHINE, STRANGER))
    refused = invite(world, name, role)
    assert (refused.status_code, refused.json["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("state", "code"),
    [("Active", "node.registered"), ("Exiting", "node.registered"), ("Banned", "node.banned")],
)
def test_invite__wallet_that_cannot_register__is_told_why(world, state, code):
    world.nodes.mirror(node_of(MACHINE, CUSTOMER, state=state))
    assert invite(world).json["error"]["code"] == code


def test_invite__after_a_complete_exit__is_possible_again(world):
    world.nodes.mirror(node_of(MACHINE, CUSTOMER, state="None", name=""))
    assert invite(world).status_code == 201


def test_invite__signed_out__is_refused(world):
    refused = world.client.post("/api/provider/invitations", json={"name": "a", "role": "trainer"})
    assert refused.status_code == 401


def test_name__taken_in_other_letters__is_not_free(world):
    world.nodes.mirror(node_of(MACHINE, STRANGER))
    ask = lambda name: world.client.get(f"/api/names/{name}").json  # noqa: E731 -- a question
    assert ask("Sun-1") == {"name": "Sun-1", "valid": True, "free": False}
    assert ask("sun-2") == {"name": "sun-2", "valid": True, "free": True}
    assert ask("s%20n") == {"name": "s n", "valid": False, "free": False}


def test_signature__is_checked_with_the_product_s_own_verifier(world):
    message = answer_to(world)
    answer = InvitationAnswer(**message)
    assert EthSignatures().signer(answer_text(CHAIN_ID, ESCROW, answer), answer.signature) == MACHINE.address
