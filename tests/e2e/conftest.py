"""A whole stack on free ports, started once for the tests that only use it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.demo.small_jobs import LATECOMERS, PlayedJob, play_refunded, play_settled
from scripts.demo.stage import Stage
from scripts.demo.story import Story
from scripts.stack import StackConfig


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two trainers and three validators, and everything they need; others join where a cheat is wanted."""
    state = tmp_path_factory.mktemp("stack") / "state"
    config = StackConfig(
        state=state,
        trainers=4,
        validators=3,
        latecomers=LATECOMERS,
        # All these people have one address.
        environment={"ECODML_RATE_LIMIT_FACTOR": "20"},
    ).with_free_ports()
    with Stage(config, Story(out=sys.stderr)) as started:
        yield started


@pytest.fixture(scope="session")
def settled_ticket(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> PlayedJob:
    """A small real job that was settled: `.ticket`, `.id`, `.job_id`, `.link`, `.mails`, and `.key` of its customer."""
    return play_settled(stage, tmp_path_factory.mktemp("settled"))


@pytest.fixture(scope="session")
def refunded_ticket(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> PlayedJob:
    """A small real job in which a cheat was found: refunded, the cheat's deposit taken. Fields as of `settled_ticket`."""
    return play_refunded(stage, tmp_path_factory.mktemp("refunded"))


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    """A small CSV of two kinds that a model can tell apart, with words and gaps in it."""
    path = tmp_path / "flowers.csv"
    rows = [
        f"{i % 7}.5,{'wet' if i % 2 else 'dry'},{'' if i % 9 == 0 else i % 5},{'rose' if i % 2 else 'thistle'}"
        for i in range(120)
    ]
    path.write_text("\n".join(["height,soil,petals,kind", *rows]) + "\n")
    return path
