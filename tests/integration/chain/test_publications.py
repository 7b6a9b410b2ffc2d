"""Published trainings on a real chain, and in memory alike."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.adapters.memory.publications import MemoryPublications
from backend.domain.effects import Publish
from backend.domain.publication import listed
from backend.errors import Conflict

pytestmark = pytest.mark.integration

DATASET, RECIPE = "aa" * 32, "bb" * 32
FIRST = Publish("t_1", "0x" + "01" * 32, DATASET, RECIPE, "cc" * 32, "dd" * 32, 12_345, 678, str(3 * 10**24))


def test_publish__repeated_and_for_two_jobs__each_is_found_once_oldest_first(stage):
    ticket = stage.settled()
    second = replace(FIRST, job_id="0x" + "02" * 32)
    sent = [stage.carbon.carry_out(effect, ticket) for effect in (FIRST, second, FIRST)]
    assert sent[0] == sent[2] != sent[1]
    assert stage.carbon.publications.find(DATASET, RECIPE) == (listed(FIRST), listed(second))
    assert stage.carbon.publications.find(RECIPE, DATASET) == ()


def test_publish__somebody_else_sends__is_refused(stage):
    world = stage.world
    stranger = type(stage.carbon)(world.deployments, world.rpc_url, world.key("stranger"))
    with pytest.raises(Conflict, match="may not do this"):
        stranger.carry_out(FIRST, stage.settled())


def test_publish__in_memory__is_found_alike() -> None:
    memory, second = MemoryPublications(), replace(FIRST, job_id="0x" + "02" * 32)
    sent = [memory.publish(effect) for effect in (FIRST, second, FIRST)]
    assert sent[0] == sent[2] != sent[1]
    assert memory.find(DATASET, RECIPE) == (listed(FIRST), listed(second))
    assert memory.find(RECIPE, DATASET) == ()
