"""Every input that ever broke a parser, and every one that the fuzzers start from, is described or refused."""

from pathlib import Path

import pytest

from scripts.fuzz.guided import KEPT
from scripts.fuzz.targets import MODULES, load

pytestmark = pytest.mark.filterwarnings("ignore:rule .* redefines:Warning")


@pytest.mark.parametrize("name", MODULES)
def test_parser__inputs_it_starts_from_and_broke_on__are_described_or_refused(name: str) -> None:
    target = load(name)
    judge = target.open()
    kept = sorted((KEPT / name).glob("*"))

    for data in (*target.seeds(), *(file.read_bytes() for file in kept)):
        judge(data)


def test_kept_inputs__every_one__belongs_to_a_parser() -> None:
    assert {folder.name for folder in Path(KEPT).iterdir() if folder.name != "api"} <= set(MODULES)
