"""The served API, on a real mongod, is what its own description says, whoever asks and whatever is sent. `make fuzz` tries more."""

from pathlib import Path

from scripts.fuzz.api import ASKING, Campaign
from scripts.fuzz.api_bodies import mixed
from scripts.fuzz.api_market import market
from scripts.fuzz.part import Budget

INPUTS = 600


def test_api__generated_requests_of_everybody__are_answered_as_described(tmp_path: Path) -> None:
    with market(tmp_path) as served:
        campaign = Campaign(served)
        outcome = campaign.run(Budget(seconds=60.0, inputs=INPUTS, progress=lambda line: None))
    assert [f"{crash.where}: {crash.said}\n{crash.input}" for crash in outcome.crashes] == []
    assert outcome.inputs >= INPUTS
    assert {asking for _, asking in campaign.tried} == set(ASKING)
    assert len({label for label, _ in campaign.tried}) >= 60


def test_mixed__no_bit_or_every_bit__is_what_is_taken_or_what_was_generated() -> None:
    taken, generated = {"a": 1, "b": {"c": 2, "d": 3}}, {"a": 8, "b": {"c": 9}}
    assert mixed(taken, generated, 0) == taken
    assert mixed(taken, generated, 0xFF) == {"a": 8, "b": {"c": 9, "d": 3}}
