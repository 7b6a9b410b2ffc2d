"""A training that its customer publishes need not be done again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from backend.domain.effects import Publish
from backend.domain.publication import Publication, is_open, offer, published
from backend.domain.spec import JobSpec
from backend.domain.ticket import Moment, Settled, Status, Ticket, step
from tests.support.tickets import new_ticket, round_record


def settling(**spec: Any) -> Ticket:
    kept = {"key": "k", "sha256": "99" * 32, "size": 7}
    return new_ticket(
        status=Status.SETTLING,
        spec=JobSpec(rounds=1, publish=True, **spec),
        rounds=(round_record(1),),
        files={"metrics.json": kept, "model.keras": kept, "verdict.json": kept},
        carbon={"millijoules": 5_000, "micrograms": 60},
        metrics={"accuracy": 0.9, "confusion": [[1]]},
        timeline=(Moment(Status.SETTLING, 5.0),),
    )


def test_settled__published__is_listed_by_hashes_and_cost() -> None:
    ticket = settling()
    after, effects = step(ticket, Settled("0xtx"), 6.0)
    (listed,) = (effect for effect in effects if isinstance(effect, Publish))
    assert is_open(after)
    assert (listed.dataset_sha256, listed.recipe_sha256) == (ticket.dataset.sha256, ticket.spec.recipe())
    assert (listed.model_sha256, listed.metrics_sha256) == (ticket.rounds[-1].model_sha256, "99" * 32)
    assert (listed.millijoules, listed.micrograms) == (5_000, 60)


def test_settled__not_published__is_listed_nowhere() -> None:
    ticket = settling()
    private = replace(ticket, spec=replace(ticket.spec, publish=False))
    after, effects = step(private, Settled("0xtx"), 6.0)
    assert not any(isinstance(effect, Publish) for effect in effects)
    assert not is_open(after)


def test_published__nothing_to_list__is_no_effect() -> None:
    assert published(replace(settling(), carbon=None)) == ()
    assert published(replace(settling(), files=None)) == ()


@pytest.mark.parametrize(
    "aside", [{"seed": 9}, {"publish": True}, {"energy_budget_joules": 5}, {"scheme": "accuracy"}]
)
def test_recipe__what_does_not_change_the_training__is_left_out(aside: dict[str, Any]) -> None:
    assert JobSpec(**aside).recipe() == JobSpec().recipe()


@pytest.mark.parametrize(
    "changed", [{"rounds": 11}, {"learning_rate": 0.2}, {"trainers": 5}, {"target": "y"}]
)
def test_recipe__another_training__is_another(changed: dict[str, Any]) -> None:
    assert JobSpec(**changed).recipe() != JobSpec().recipe()


def test_offer__a_settled_ticket__shows_its_worth_and_not_its_verdicts_papers() -> None:
    after, _ = step(settling(seed=4), Settled("0xtx"), 6.0)
    listed = Publication(after.job_id, "a", "b", "c", "d", 5_000, 60, 10**18)
    told = offer(after, listed)
    assert set(told["files"]) == {"metrics.json", "model.keras"}
    assert (told["metrics"], told["seed"], told["settled_at"]) == ({"accuracy": 0.9}, 4, 6.0)
