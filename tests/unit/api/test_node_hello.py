"""Only a proven, registered key gets a seat, in a role it may take."""

from dataclasses import replace
from typing import Any

import pytest

from backend.api.node_hello import Hello, check_protocol, seat_of, with_known_zone
from backend.domain.seat import Seat
from backend.errors import EcoError
from fl_nodes.protocol.signing import hello_text
from fl_nodes.protocol.tasks import Role
from fl_nodes.protocol.wire import from_wire
from fl_nodes.signatures import sign_text
from tests.support.api_world import AGGREGATOR, CHAIN_ID, CUSTOMER, ESCROW, STRANGER, World, hello, node_of
from tests.support.signature_forms import mirrored, short

NONCE = "ab" * 16
KEY, PROVIDER = STRANGER, CUSTOMER


def signed_elsewhere(chain_id: int = CHAIN_ID, escrow: str = ESCROW, form: Any = str) -> dict[str, Any]:
    """A hello signed for another market, or with a signature of another form."""
    text = hello_text(chain_id, escrow, NONCE, KEY.address, "trainer")
    return hello(KEY, "trainer", NONCE, signature=form(sign_text(KEY, text)))


def ask(world: World, payload: dict[str, Any]) -> Seat:
    return seat_of(world.parts, "sid", NONCE, from_wire(Hello, payload))


def refusal(world: World, payload: dict[str, Any]) -> str:
    with pytest.raises(EcoError) as refused:
        ask(world, payload)
    return refused.value.code


def test_seat__registered_key__works_for_its_provider(world: World) -> None:
    world.nodes.mirror(node_of(KEY, PROVIDER))
    seat = ask(world, hello(KEY, "trainer", NONCE, provider=PROVIDER.address))
    assert seat == Seat(
        "sid", PROVIDER.address, KEY.address, Role.TRAINER, PROVIDER.address, world.parts.instance
    )


def test_seat__operators_key__works_for_its_role(world: World) -> None:
    seat = ask(world, hello(AGGREGATOR, "aggregator", NONCE, name="agg-1", provider=None))
    assert (seat.worker, seat.machine, seat.provider) == ("aggregator", "aggregator/agg-1", None)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (hello(KEY, "trainer", "cd" * 16), "node.signature"),
        (signed_elsewhere(chain_id=CHAIN_ID + 1), "node.signature"),
        (signed_elsewhere(escrow="0x" + "99" * 20), "node.signature"),
        (signed_elsewhere(form=mirrored), "node.signature"),
        (signed_elsewhere(form=short), "node.signature"),
        (hello(KEY, "validator", NONCE) | {"role": "trainer"}, "node.signature"),
        (hello(KEY, "trainer", NONCE) | {"address": PROVIDER.address}, "node.signature"),
        (hello(KEY, "trainer", NONCE, signature="0x"), "node.signature"),
        (hello(KEY, "trainer", NONCE, address=KEY.address.lower()), "node.address"),
        (hello(KEY, "trainer", NONCE, provider=KEY.address), "node.provider"),
        (hello(KEY, "validator", NONCE), "node.role"),
        (hello(PROVIDER, "trainer", NONCE), "node.unknown"),
        (hello(KEY, "aggregator", NONCE), "worker.unknown"),
        (hello(AGGREGATOR, "evaluator", NONCE), "worker.unknown"),
        (hello(KEY, "trainer", NONCE, name="x" * 2000), "node.hello"),
        (hello(KEY, "trainer", NONCE, hardware={"x": "y" * 20_000}), "node.hello"),
        (hello(KEY, "trainer", NONCE, forecast={"x": float("nan")}), "node.hello"),
    ],
)
def test_seat__anything_not_proven__is_refused(world: World, payload, code) -> None:
    world.nodes.mirror(node_of(KEY, PROVIDER))
    assert refusal(world, payload) == code


def test_seat__banned_node__is_refused(world: World) -> None:
    world.nodes.mirror(replace(node_of(KEY, PROVIDER), state="Banned"))
    assert refusal(world, hello(KEY, "trainer", NONCE)) == "node.banned"


def test_protocol__another_version__is_refused() -> None:
    check_protocol(1)
    with pytest.raises(EcoError, match=r"node\.protocol"):
        check_protocol(2)


def test_zone__known__is_kept_as_it_is_written(world: World) -> None:
    said, notice = with_known_zone(world.parts, from_wire(Hello, hello(KEY, "trainer", NONCE, zone=" de ")))
    assert (said.zone, notice) == ("DE", None)


@pytest.mark.parametrize("zone", ["MARS", "d\u00e9", "DE/..", "x" * 900])
def test_zone__unknown__is_left_out_and_said_in_one_sentence(world: World, zone: str) -> None:
    said, notice = with_known_zone(world.parts, from_wire(Hello, hello(KEY, "trainer", NONCE, zone=zone)))
    assert said.zone == ""
    assert notice is not None
    assert "world's average" in notice
    assert len(notice) < 300
