"""The page about learning shows what was measured: its tables are those that the bench wrote."""

import json
import re

import pytest

from scripts.bench.learning import tables
from scripts.demo.customer import ROOT

pytestmark = pytest.mark.unit

PAGES = ROOT / "docs" / "benchmarks"
PAGE = (PAGES / "learning.md").read_text(encoding="utf-8")


def test_learning_page__goals__are_the_measured_ones() -> None:
    goals = json.loads((PAGES / "learning.json").read_text(encoding="utf-8"))["goals"]
    assert tables.filled(PAGE, {"Goals": tables.table(tables.GOALS, goals)}) == PAGE


def test_learning_page__every_table__is_filled() -> None:
    found = re.findall(r"<!-- table: (.*?) -->\n(.*?)<!-- end -->", PAGE, re.DOTALL)
    assert "Goals" in dict(found)
    assert [title for title, text in found if text.count("\n|") < 3] == []


def test_learning_page__pictures_it_shows__are_there_and_small() -> None:
    pictures = re.findall(r"\]\((learning-\w+\.png)\)", PAGE)
    assert pictures
    assert all((PAGES / name).stat().st_size < 100_000 for name in pictures)
