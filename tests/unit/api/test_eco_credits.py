"""What the API tells of Eco Credits."""

from pathlib import Path
from typing import Any

from tests.support.api_world import CUSTOMER, World

ES = int.from_bytes(b"ES".ljust(32, b"\0"), "big") + 202_611


def test_credits__an_account_holds_some_and_used_some__both_are_told(world: World) -> None:
    world.credits.held[CUSTOMER.address.lower()[2:], ES] = 900
    world.credits.retire(CUSTOMER.address, ES, 400, "the sea", "for 2026")

    told = world.client.get(f"/api/credits?account={CUSTOMER.address}").json

    assert [(h["zone"], h["vintage"], h["held_ug"]) for h in told["holdings"]] == [("ES", "2026-11", 500)]
    assert [(c["number"], c["micrograms"], c["beneficiary"]) for c in told["certificates"]] == [
        (1, 400, "the sea")
    ]
    assert "not a carbon offset" in told["unit"]
    assert world.client.get("/api/credits/certificates/1").json["certificate"] == told["certificates"][0]


def test_credits__nobody_is_named__all_certificates(world: World) -> None:
    assert world.client.get("/api/credits").json["certificates"] == []


def test_certificate__there_is_none__404(world: World) -> None:
    for number in ("1", "0", "-1", "x"):
        answer = world.client.get(f"/api/credits/certificates/{number}")
        assert (answer.status_code, answer.json["error"]["code"]) == (404, "credits.no_certificate")


def test_certificate__number_larger_than_a_chain_knows__is_none_and_the_chain_is_not_asked(
    tmp_path: Path,
) -> None:
    class Unasked:
        def certificate(self, number: int) -> Any:
            raise OverflowError(number)

    world = World(tmp_path, changes={"credits": Unasked()})
    answer = world.client.get(f"/api/credits/certificates/{2**256}")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "credits.no_certificate")
