"""A whole stack on free ports, started once for the tests that only use it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.demo.stage import Stage
from scripts.demo.story import Story
from scripts.stack import StackConfig


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two trainers and three validators, and everything they need."""
    state = tmp_path_factory.mktemp("stack") / "state"
    config = StackConfig(state=state, trainers=2, validators=3).with_free_ports()
    with Stage(config, Story(out=sys.stderr)) as started:
        yield started


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
