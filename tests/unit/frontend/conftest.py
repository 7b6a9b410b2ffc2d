"""A world per test."""

from pathlib import Path

import pytest

from tests.support.api_world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An API over in-memory twins."""
    return World(tmp_path)
