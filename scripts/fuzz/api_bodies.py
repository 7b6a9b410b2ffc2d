"""What requests carry that are taken, to vary: what is generated from a description alone is refused before much is looked at."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from eth_account.messages import encode_defunct

from fl_nodes.protocol.invitation import InvitationAnswer, answer_text
from fl_nodes.protocol.wire import to_wire
from tests.support.accounts import sign_in_text, signed
from tests.support.api_world import AGGREGATOR, CHAIN_ID, CUSTOMER, ESCROW, STRANGER, World, quote_body

PASSWORD = "a long enough password"  # noqa: S105 - nobody's
Body = Callable[[World], dict[str, Any]]


def mixed(taken: dict[str, Any], generated: dict[str, Any], bits: int) -> dict[str, Any]:
    """`taken` with some fields as generated: those whose bit is set."""
    found = dict(taken)
    for place, (name, value) in enumerate(sorted(generated.items())):
        if isinstance(value, dict) and isinstance(taken.get(name), dict):
            found[name] = mixed(taken[name], value, bits >> 1)
        elif bits >> place & 1:
            found[name] = value
    return found


def _priced(_: World) -> dict[str, Any]:
    return {name: said for name, said in quote_body().items() if name != "email"}


def _login(world: World) -> dict[str, Any]:
    message = sign_in_text(world, world.parts.sessions.new_nonce(world.clock()), STRANGER)
    return {"message": message, "signature": signed(STRANGER, message), "cookie": False}


def _answer(world: World) -> dict[str, Any]:
    asked = {"name": "wind-9", "role": "trainer"}
    headers = world.sign_in(CUSTOMER)
    invited = world.client.post("/api/provider/invitations", json=asked, headers=headers).json or {}
    token = invited.get("invitation", "")
    answer = InvitationAnswer(CUSTOMER.address, "wind-9", "trainer", token, AGGREGATOR.address, {"cpu": "x"})
    text = answer_text(CHAIN_ID, ESCROW, answer)
    signature = AGGREGATOR.sign_message(encode_defunct(text=text)).signature.to_0x_hex()
    told: dict[str, Any] = to_wire(replace(answer, signature=signature))
    return told


BODIES: dict[str, Body] = {
    "POST /api/account/email": lambda _: {"email": f"{secrets.token_hex(4)}@example.org"},
    "POST /api/account/password": lambda _: {"password": PASSWORD, "current": None},
    "POST /api/account/wallets": _login,
    "POST /api/account/wallets/unlink": lambda _: {"address": CUSTOMER.address},
    "POST /api/account/wallets/use": lambda _: {"address": CUSTOMER.address},
    "POST /api/auth/forgot": lambda _: {"email": "somebody@example.org"},
    "POST /api/auth/login": _login,
    "POST /api/auth/sign-in": lambda _: {"email": "somebody@example.org", "password": PASSWORD},
    "POST /api/auth/sign-up": lambda _: {
        "email": f"{secrets.token_hex(4)}@example.org",
        "password": PASSWORD,
    },
    "POST /api/faucet": lambda _: {"address": CUSTOMER.address},
    "POST /api/invitations/answers": _answer,
    "POST /api/prices": _priced,
    "POST /api/provider/invitations": lambda _: {"name": "wind-2", "role": "trainer"},
    "POST /api/quotes": lambda _: quote_body(),
}
