"""The browser commits to what the backend means: the same text, the same hash, and nothing that was not asked for."""

from __future__ import annotations

import random
import struct
from typing import Any, get_type_hints

import pytest

from backend.domain.spec import JobSpec
from fl_nodes.protocol.hashing import canonical_json
from fl_nodes.protocol.wire import to_wire
from tests.support.api_world import CUSTOMER, World, quote_body
from tests.support.javascript import node

CANONICAL = """
const { canonical, decimal, DECIMAL } = await import(`${frontend}/purchase/canonical.js`);
"""
OFFER = """
const { differences } = await import(`${frontend}/purchase/offer.js`);
const { createHash } = await import("node:crypto");
const sha256 = (bytes) => "0x" + createHash("sha256").update(bytes).digest("hex");
give(await differences(given.offer, given.asked, sha256));
"""
MODEL = '{"class_name": "Sequential", "wörter": "\\u2028 \\t"}'


def specs() -> list[JobSpec]:
    """Many specifications, the odd ones among them."""
    drawn = random.Random(6)
    made = [
        JobSpec(),
        JobSpec(learning_rate=1.0, server_learning_rate=1e-7, privacy_noise=2.0, privacy_delta=1e-12),
        JobSpec(learning_rate=1e-5, privacy_noise=0.1, privacy_clip=1e6, privacy_delta=0.00012345),
        JobSpec(model="custom", keras_json=MODEL, target='class "ä"\n😀', tolerated_share=0.0),
        JobSpec(participants=2, over_selection=1.0, trainers=64, publish=True, energy_budget_joules=10**12),
    ]
    made += [
        JobSpec(
            learning_rate=10 ** drawn.uniform(-7, 1),
            server_learning_rate=drawn.random() + 1e-6,
            tolerated_share=drawn.uniform(0, 0.49),
            privacy_noise=drawn.uniform(0.1, 100),
            privacy_clip=10 ** drawn.uniform(-6, 6),
            seed=drawn.randrange(2**31),
        )
        for _ in range(40)
    ]
    return made


def test_canonical__specifications__is_the_text_that_the_backend_hashes() -> None:
    made = specs()
    texts = node(CANONICAL + "give(given.map((spec) => canonical(spec)));", [to_wire(spec) for spec in made])
    assert texts == [canonical_json(spec).decode() for spec in made]


def test_decimal__any_float__is_written_as_python_does() -> None:
    drawn = random.Random(7)
    numbers = [struct.unpack("<d", drawn.randbytes(8))[0] for _ in range(500)]
    numbers = [n for n in numbers if n == n and abs(n) != float("inf")]
    numbers += [0.0, -0.0, 1.0, 123.0, 1e15, 1e16, 123456789012345680.0, 1e-4, 9.999e-5, 0.1, -2.5, 5e-324]
    assert node(CANONICAL + "give(given.map(decimal));", numbers) == [repr(n) for n in numbers]


def test_decimal_fields__are_those_that_the_specification_has_as_floats() -> None:
    floats = sorted(name for name, kind in get_type_hints(JobSpec).items() if kind is float)
    assert node(CANONICAL + "give([...DECIMAL].sort());") == floats


@pytest.fixture
def deal(world: World) -> dict[str, Any]:
    """An offer of the API, and what was asked."""
    body = quote_body(spec={"learning_rate": 0.5, "rounds": 3, "privacy_noise": 1.0})
    offer = world.client.post("/api/quotes", json=body, headers=world.sign_in()).json
    market = world.client.get("/api/config").json["market"]
    account = CUSTOMER.address.lower()
    asked = {"market": market, "facts": body["dataset"], "spec": body["spec"], "account": account}
    return {"offer": offer, "asked": asked}


def test_differences__the_offer_is_what_was_asked_for__are_none(deal: dict[str, Any]) -> None:
    assert node(OFFER, deal) == []


def test_differences__the_optimizers_own_rate_was_asked_for__are_none(deal: dict[str, Any]) -> None:
    deal["asked"]["spec"]["learning_rate"] = 0
    assert node(OFFER, deal) == []


@pytest.mark.parametrize(
    ("part", "field", "value", "named"),
    [
        ("payment", "dataset_hash", "0x" + "ab" * 32, ["dataset hash"]),
        ("payment", "spec_hash", "0x" + "ab" * 32, ["specification hash"]),
        ("payment", "escrow", "0x" + "ab" * 20, ["escrow"]),
        ("payment", "token", "0x" + "ab" * 20, ["token"]),
        ("payment", "chain_id", 1, ["chain"]),
        ("payment", "fee_wei", "99", ["fee"]),
        ("payment", "deadline", 1, ["deadline"]),
        ("payment", "job_id", "0x" + "ab" * 32, ["reference"]),
        ("ticket", "customer", "0x" + "ab" * 20, ["paying account"]),
    ],
)
def test_differences__one_part_is_changed__names_it(
    deal: dict[str, Any], part: str, field: str, value: Any, named: list[str]
) -> None:
    deal["offer"][part][field] = value
    assert node(OFFER, deal) == named


@pytest.mark.parametrize(("option", "value"), [("rounds", 4), ("learning_rate", 0.25), ("privacy_noise", 0)])
def test_differences__an_option_is_another_than_chosen__names_the_specification_and_its_hash(
    deal: dict[str, Any], option: str, value: Any
) -> None:
    deal["offer"]["ticket"]["spec"][option] = value
    assert node(OFFER, deal) == ["specification", "specification hash"]


def test_differences__something_is_smuggled_in_that_nobody_asked_for__its_hash_tells(
    deal: dict[str, Any],
) -> None:
    deal["offer"]["ticket"]["spec"]["publish"] = True
    assert node(OFFER, deal) == ["specification hash"]
