"""A pytest plugin that keeps every file which tests of `backend.datasets` read, and its outcome: `--record-datasets FOLDER`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from backend.datasets import inspect, load
from tests.support.web import page
from tests.unit.datasets import files


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option."""
    parser.addoption("--record-datasets", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Listen to the shortcuts by which the tests read files."""
    folder: Path = config.getoption("--record-datasets")
    asked: list[dict[str, Any]] = []

    def recorded(read: Any) -> Any:
        def listening(source: BinaryIO, name: str, **options: Any) -> Any:
            path = folder / str(len(asked))
            path.write_bytes(source.read())
            expected = page.python(source, name, **options)
            asked.append(page.question({name: path}, **options) | {"expected": expected})
            return read(source, name, **options)

        return listening

    files.inspect = recorded(inspect)
    files.load = recorded(load)
    config.add_cleanup(lambda: (folder / "asked.json").write_text(json.dumps(asked)))
