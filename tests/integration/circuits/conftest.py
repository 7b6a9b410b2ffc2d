"""Compiled circuits and their keys, from the cache; made where it has none."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.circuits.keys import cached, ensure


@pytest.fixture(scope="session")
def keys() -> Path:
    return ensure(cached(), print)
