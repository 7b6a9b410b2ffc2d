"""The network in figures, read piece by piece."""

from __future__ import annotations

import pytest

from backend.api.network import GOOD_FOR_S
from backend.domain.ticket import Funded
from backend.errors import Recoverable
from backend.ports import ChainEvent
from tests.support.api_world import CUSTOMER, STRANGER, World, node_of


def told(world: World, later: float = GOOD_FOR_S) -> dict:
    world.clock.at += later
    answer = world.client.get("/api/network")
    assert answer.status_code == 200
    return answer.json


def test_network__nothing_yet__is_all_zeros(world: World) -> None:
    figures = told(world)
    assert figures["jobs"] == {"settled": 0, "refunded": 0, "open": 0}
    assert figures["nodes"]["registered"] == 0
    assert figures["credits"]["issued_ug"] == 0
    assert figures["ledger"] == {"count": 0, "epochs": []}
    assert figures["age_seconds"] == 0


def test_network__a_job_goes_on__it_is_counted_once_and_anew(world: World) -> None:
    world.nodes.mirror(node_of(STRANGER, CUSTOMER))
    ticket = world.quote()
    assert told(world)["jobs"]["open"] == 0
    world.tickets.advance(ticket.id, Funded(ticket.quote.fee_wei, ticket.deadline, "0xf"))
    figures = told(world)
    assert (figures["jobs"]["open"], figures["fees"]["escrow_wei"]) == (1, str(ticket.quote.fee_wei))
    world.settled()
    figures = told(world, 600)
    assert figures["jobs"] == {"settled": 1, "refunded": 0, "open": 1}
    assert figures["nodes"]["by_role"] == {"trainer": {"registered": 1, "online": 0}}


def test_network__asked_again_at_once__says_how_old_it_is(world: World) -> None:
    told(world)
    world.funded()
    again = told(world, 2)
    assert (again["age_seconds"], again["jobs"]["open"]) == (2, 0)


def test_network__credits__are_read_once(world: World) -> None:
    world.credits.journal.tell("CarbonCredit", "CreditIssued", {"amount": 7})
    assert told(world)["credits"]["issued_ug"] == 7
    world.credits.journal.tell("CarbonCredit", "CreditRetired", {"amount": 3})
    assert told(world)["credits"] == told(world)["credits"]
    assert told(world)["credits"]["retired_ug"] == 3


def test_network__carbon_chain_silent__the_rest_is_told_and_the_age_of_its_figures(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.credits.journal.tell("CarbonCredit", "CreditIssued", {"amount": 7})
    told(world)

    def silent(_: int) -> tuple[list[ChainEvent], int]:
        raise Recoverable("chain.unreachable", "The carbon chain does not answer.")

    monkeypatch.setattr(world.credits, "events", silent)
    world.funded()
    figures = told(world, 30)
    assert (figures["jobs"]["open"], figures["age_seconds"]) == (1, 0)
    assert (figures["credits"]["issued_ug"], figures["carbon_age_seconds"]) == (7, 30)
