"""docs/cli.md lists every code the command line raises of its own, and none that nothing raises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import backend.cli

pytestmark = pytest.mark.unit

RAISED = re.compile(r"(?:[A-Z]\w+|complain)\(\s*\"([a-z]+\.[a-z_]+)\"")


def test_codes__raised_and_documented__are_the_same() -> None:
    package = Path(backend.cli.__file__).parent
    raised = {code for file in package.glob("*.py") for code in RAISED.findall(file.read_text())}
    listed = (package.parents[1] / "docs" / "cli.md").read_text().partition("## Codes")[2]
    assert raised == set(re.findall(r"`([a-z]+\.[a-z_]+)`", listed))
