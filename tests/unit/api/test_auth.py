"""Signing in: only with one's own key, for this site and chain, once per nonce."""

from datetime import UTC, datetime

import pytest
from eth_account.messages import encode_defunct

from tests.support.api_world import CUSTOMER, STRANGER, World
from tests.support.signature_forms import mirrored, short


def text(world: World, nonce: str, **changes: str) -> str:
    """An EIP-4361 text for the test's site."""
    told = {"site": "127.0.0.1:8600", "chain": "31337", "address": CUSTOMER.address, "more": ""} | changes
    issued = datetime.fromtimestamp(world.clock(), UTC)
    return (
        f"{told['site']} wants you to sign in with your Ethereum account:\n{told['address']}\n\nSign in.\n\n"
        f"URI: {told.get('uri', 'http://' + told['site'])}\nVersion: 1\nChain ID: {told['chain']}\nNonce: {nonce}\n"
        f"Issued At: {issued:%Y-%m-%dT%H:%M:%SZ}{told['more']}"
    )


def login(world: World, message: str, account=CUSTOMER):
    signature = account.sign_message(encode_defunct(text=message)).signature.to_0x_hex()
    return world.client.post("/api/auth/login", json={"message": message, "signature": signature})


def nonce_of(world: World) -> str:
    return world.client.post("/api/auth/nonce").json["nonce"]


def test_login__signed_text__opens_a_session_that_logout_ends(world: World) -> None:
    answer = login(world, text(world, nonce_of(world)))
    assert answer.status_code == 200
    assert answer.json["address"] == CUSTOMER.address
    headers = {"Authorization": f"Bearer {answer.json['token']}"}
    assert world.client.get("/api/tickets", headers=headers).json["tickets"] == []
    assert world.client.post("/api/auth/logout", headers=headers).status_code == 200
    ended = world.client.get("/api/tickets", headers=headers)
    assert (ended.status_code, ended.json["error"]["code"]) == (401, "auth.expired")


def test_login__nonce_used_twice__is_refused(world: World) -> None:
    message = text(world, nonce_of(world))
    assert login(world, message).status_code == 200
    assert login(world, message).json["error"]["code"] == "auth.nonce"


def test_login__another_key_signed__is_refused_and_the_nonce_stays_good(world: World) -> None:
    message = text(world, nonce_of(world))
    assert login(world, message, STRANGER).json["error"]["code"] == "auth.signature"
    assert login(world, message).status_code == 200


def test_login__signature_in_another_form__neither_signs_in_nor_again(world: World) -> None:
    message = text(world, nonce_of(world))
    signature = CUSTOMER.sign_message(encode_defunct(text=message)).signature.to_0x_hex()

    def code(of: str) -> str:
        answer = world.client.post("/api/auth/login", json={"message": message, "signature": of})
        return answer.json["error"]["code"] if answer.status_code != 200 else "ok"

    said = [
        code(form)
        for form in (mirrored(signature), short(signature), signature, mirrored(signature), signature)
    ]
    assert said == ["auth.signature", "auth.signature", "ok", "auth.signature", "auth.nonce"]


def test_login__nonce_older_than_ten_minutes__is_refused(world: World) -> None:
    message = text(world, nonce_of(world))
    world.clock.at += 601
    assert login(world, message).json["error"]["code"] == "auth.nonce"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"site": "evil.example"}, "auth.domain"),
        ({"chain": "1"}, "auth.chain"),
        ({"uri": "http://evil.example"}, "auth.domain"),
        ({"uri": "http://127.0.0.1:8601"}, "auth.domain"),
        ({"chain": "31338"}, "auth.chain"),
        ({"more": "\nExpiration Time: 2020-01-01T00:00:00Z"}, "auth.expired_message"),
        ({"more": "\nExpiration Time: 2999-01-01T00:00:00Z\nNot Before: 2998-01-01T00:00:00Z"}, "auth.early"),
        ({"address": "0xnobody"}, "auth.message"),
    ],
)
def test_login__text_for_elsewhere_or_another_time__is_refused(world: World, changes, code) -> None:
    answer = login(world, text(world, nonce_of(world), **changes))
    assert (answer.status_code, answer.json["error"]["code"]) == (400, code)


@pytest.mark.parametrize("header", [None, "Bearer ", "Bearer nobody", "Basic abc", "Bearer " + "x" * 500])
def test_tickets__without_a_session__need_a_sign_in(world: World, header) -> None:
    answer = world.client.get("/api/tickets", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.json["error"]["code"].startswith("auth.")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"message": NaN}', b"[" * 100_000, b'{"message":"a"}', b"\xff"]
)
def test_login__malformed_body__is_refused_with_a_code(world: World, body) -> None:
    answer = world.client.post("/api/auth/login", data=body)
    assert answer.status_code == 400
    assert answer.json["error"]["code"] in ("request.json", "request.shape")
