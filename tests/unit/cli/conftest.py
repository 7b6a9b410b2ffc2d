"""A home folder of its own for every test."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from backend.cli.terminal import Terminal


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """`$ECODML_HOME` of the test."""
    monkeypatch.setenv("ECODML_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def terminal() -> Terminal:
    """A terminal that keeps what was said."""
    return Terminal(as_json=True, out=io.StringIO(), err=io.StringIO())
