"""docs/itu-checklist.md answers every practice, and what it points to exists."""

import re
from pathlib import Path

from backend.cli.arguments import parser

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "itu-checklist.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if re.match(r"\| \d", line)]
PRACTICES = 43
NEEDS_NO_PAGE = {"38", "39"}


def test_checklist__every_practice__has_its_row_in_order() -> None:
    assert [int(row.split("|")[1]) for row in ROWS] == list(range(1, PRACTICES + 1))


def test_checklist__every_row__says_how_and_names_what_shows_it() -> None:
    cells = [[cell.strip() for cell in row.split("|")] for row in ROWS]
    assert [number for _, number, _, how, _, _ in cells if len(how.split()) < 6] == []
    assert {number for _, number, _, _, shown, _ in cells if not shown} == NEEDS_NO_PAGE


def test_checklist__pages_and_targets_it_names__exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"`make ([a-z-]+)`", TEXT)
    assert [target for target in named if f"\n{target}:" not in makefile] == []
    pages = re.findall(r"`((?:docs|contracts)/[\w./-]+|ARCHITECTURE\.md)`", TEXT)
    assert [page for page in pages if not list(ROOT.glob(f"{page}*"))] == []


def test_checklist__commands_and_routes_it_names__exist() -> None:
    commands = {command for action in parser()._actions for command in (action.choices or ())}
    provider = (ROOT / "fl_nodes" / "cli" / "__main__.py").read_text(encoding="utf-8")
    for words in re.findall(r"`ecodml ([a-z ]+)", TEXT):
        name, *rest = words.split()
        assert name in commands, words
        if name == "node":
            assert f'"{rest[0]}"' in provider, words
    routes = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert [path for path in re.findall(r"`GET (/api/[\w/]+)", TEXT) if f"`GET {path}" not in routes] == []
