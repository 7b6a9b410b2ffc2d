"""Kinds of tests: each test carries the mark of its folder, and the pure kinds cannot open sockets.

Tests in a folder named `fl_nodes` or `aggregator` belong to those environments (`make test-nodes`) and are not
collected where their TensorFlow is missing.
"""

import importlib.util
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

KINDS = ("unit", "property", "conformance", "integration", "faults", "e2e")
SOCKETLESS = ("unit", "property")
_TESTS = Path(__file__).parent
_NEEDS = {"fl_nodes": "tensorflow", "aggregator": "tensorflow_federated"}


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave tests of another environment to it."""
    package = _NEEDS.get(collection_path.name)
    return True if package and importlib.util.find_spec(package) is None else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test's kind is its folder; a test outside the kinds' folders must carry a kind's mark itself."""
    for item in items:
        folder = item.path.relative_to(_TESTS).parts[0] if item.path.is_relative_to(_TESTS) else ""
        marks = {mark.name for mark in item.iter_markers()} & set(KINDS)
        if folder in KINDS:
            item.add_marker(folder)
            marks.add(folder)
        if len(marks) != 1:
            raise pytest.UsageError(f"{item.nodeid} must be of one kind of {KINDS}, not {sorted(marks)}.")


@pytest.fixture(autouse=True)
def _no_sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit and property tests fail as soon as they reach for the network; local socket pairs stay."""
    if not any(request.node.get_closest_marker(kind) for kind in SOCKETLESS):
        return

    def guarded(name: str, kept):
        def call(self, *args):
            if self.family in (socket.AF_INET, socket.AF_INET6):
                pytest.fail(f"a {'/'.join(SOCKETLESS)} test called socket.{name}{args}")
            return kept(self, *args)

        return call

    for name in ("connect", "connect_ex", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, name, guarded(name, getattr(socket.socket, name)))


@pytest.fixture(autouse=True)
def _default_logging() -> Iterator[None]:
    """A test that sets up a process's logging leaves none of it, nor its captured stream, to the next."""
    yield
    structlog.reset_defaults()
