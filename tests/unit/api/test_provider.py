"""What a provider sees of its own node, and nobody else does."""

from dataclasses import replace

from backend.adapters.memory.purses import STRANGER as NO_PURSE
from backend.domain.rating_step import RatingStep
from backend.domain.ticket import RefundCredited, Refusal, VerdictRecord, VerdictSigned
from tests.support.api_world import CUSTOMER, STRANGER, World, node_of


def own(world: World, who=CUSTOMER) -> dict:
    return world.client.get("/api/provider", headers=world.sign_in(who)).json


def test_provider__its_money__comes_as_wei_in_words_and_to_itself_alone(world):
    world.purses.purses[CUSTOMER.address] = replace(NO_PURSE, state="Exiting", deposit_wei=10**24, exit_at=7)
    told = own(world)
    assert told["provider"] == CUSTOMER.address
    assert (told["purse"]["state"], told["purse"]["exit_at"]) == ("Exiting", 7)
    assert told["purse"]["deposit_wei"] == str(10**24)
    assert own(world, STRANGER)["purse"]["state"] == "None"
    assert world.client.get("/api/provider").status_code == 401


def test_provider__just_registered__is_known_once_the_chain_was_read(world):
    assert own(world)["known"] is False
    world.nodes.mirror(node_of(STRANGER, CUSTOMER))
    assert own(world)["known"] is True
    world.nodes.mirror(node_of(STRANGER, CUSTOMER, state="None", name=""))
    assert own(world)["known"] is False
    assert world.client.get("/api/nodes").json["nodes"] == []


def test_ratings__of_a_node__are_for_everybody_and_checked_for_what_is_no_address(world):
    world.rating_steps.add([RatingStep(CUSTOMER.address, "benchmark", 7000, 5, 1, 0, "0xT")])
    (step,) = world.client.get(f"/api/nodes/{CUSTOMER.address}/ratings").json["ratings"]
    assert (step["kind"], step["baseline_bps"], step["rating_bps"]) == ("benchmark", 7000, 6000)
    assert world.client.get(f"/api/nodes/{STRANGER.address}/ratings").json == {"ratings": []}
    assert world.client.get("/api/nodes/sun-1/ratings").status_code == 400


def test_provider__that_is_accused__learns_until_when_to_contest_and_others_nothing(world):
    ticket = world.running((CUSTOMER.address, STRANGER.address), ("0xC",))
    verdict = VerdictRecord("fail", "0" * 64, "cc", (), (), (), (CUSTOMER.address,), ("0xs1",))
    file = {"key": "k", "sha256": "ab", "size": 1, "bundle": "b"}
    files = {f"evidence-{CUSTOMER.address}.tar": file}
    world.tickets.advance(ticket.id, VerdictSigned(verdict, Refusal("job.cheated", "Cheated."), files=files))
    world.tickets.advance(ticket.id, RefundCredited("failed", 5, "0xf", (CUSTOMER.address,)))
    world.purses.windows[ticket.job_id] = 99
    (accusation,) = own(world)["accusations"]
    assert accusation == {
        "job_id": ticket.job_id,
        "state": "named",
        "contest_until": 99,
        "bundle": "b",
        "slashed_wei": None,
    }
    assert own(world, STRANGER)["accusations"] == []
