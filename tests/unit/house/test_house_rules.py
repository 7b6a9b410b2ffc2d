"""Rules of the house that no linter holds: read from the sources themselves."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ("backend", "fl_nodes", "scripts")
LONGEST_FILE_LINES = 500  # the aim is 300; beyond this a file has more than one subject
SWALLOWING_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
ENVIRONMENT_READERS = {"environ", "getenv", "environb"}


def _sources(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from sorted((ROOT / package).rglob("*.py"))


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""


def test_protocol__every_import__is_standard_library_or_protocol():
    strangers = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in _sources("fl_nodes/protocol")
        for name in _imported(ast.parse(path.read_text(encoding="utf-8")))
        if name.split(".")[0] not in sys.stdlib_module_names and not name.startswith("fl_nodes.protocol")
    }

    assert strangers == set()


def test_backend__environment__is_read_by_config_alone():
    readers = {
        str(path.relative_to(ROOT))
        for path in _sources("backend")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT_READERS
    }

    assert readers == {"backend/config.py"}


def test_sources__every_file__has_one_subject_and_a_readable_length():
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _sources(*PACKAGES)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE_LINES
    }

    assert long == {}


def test_sources__every_name__says_what_it_holds():
    swallowing = {path for path in _sources(*PACKAGES) if {path.stem, path.parent.name} & SWALLOWING_NAMES}

    assert swallowing == set()


def test_locks__every_source__is_the_public_index():
    for lock in ("uv.lock", "fl_nodes/uv.lock", "contracts/uv.lock"):
        text = (ROOT / lock).read_text(encoding="utf-8")
        sources = set(re.findall(r'registry = "([^"]*)"', text))

        assert sources == {"https://pypi.org/simple"}, lock
        assert "file://" not in text, lock
