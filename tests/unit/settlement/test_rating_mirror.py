"""The history of ratings is kept as the chain tells it, whatever is read twice."""

import pytest

from backend.adapters.memory import MemoryCursors, MemoryRatingSteps
from backend.settlement.rating_mirror import RatingMirror
from backend.verification.rating_history import history
from tests.unit.settlement.world import TRAINERS, World


@pytest.fixture
def settled() -> World:
    world = World()
    world.settling()
    world.run()
    return world


def test_run_once__settled_job__ends_at_the_rating_that_the_chain_shows(settled):
    steps = MemoryRatingSteps()
    RatingMirror(settled.market, steps, MemoryCursors()).run_once()
    for trainer in TRAINERS:
        rated = history(steps.of(trainer))
        assert [r.kind for r in rated] == ["joined", "verdict"]
        assert rated[-1].rating_bps == settled.market.node(trainer).rating_bps
        assert rated[-1].at == int(settled.clock())


def test_run_once__from_the_beginning_again__adds_nothing(settled):
    steps, cursors = MemoryRatingSteps(), MemoryCursors()
    mirror = RatingMirror(settled.market, steps, cursors)
    mirror.run_once()
    once = steps.of(TRAINERS[0])
    RatingMirror(settled.market, steps, MemoryCursors()).run_once()
    assert steps.of(TRAINERS[0]) == once
    assert mirror.run_once() == 0
