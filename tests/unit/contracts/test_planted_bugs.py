"""What may be written down as a planted bug, and how it is planted."""

import pytest

from scripts.contracts.forge import CheckFailed
from scripts.contracts.planted import Mutant, read_mutants

ENTRY = """
[[mutant]]
name = "pays-twice"
file = "contracts/Purse.sol"
rule = 1
bug = "A purse is not emptied."
find = "purse = 0;"
replace = "purse = 1;"
caught_by = ["PurseTest.test_withdraw"]
"""


def _written(folder, text):
    (folder / "purse.toml").write_text(text, encoding="utf-8")
    return folder


def _source(folder, text):
    (folder / "contracts").mkdir()
    (folder / "contracts" / "Purse.sol").write_text(text, encoding="utf-8")
    return folder


def test_read_mutants__well_formed__has_its_tests(tmp_path):
    (mutant,) = read_mutants(_written(tmp_path, ENTRY))

    assert (mutant.name, mutant.rule, mutant.caught_by) == ("pays-twice", 1, ("PurseTest.test_withdraw",))


def test_read_mutants__no_tests_named__any_will_do(tmp_path):
    (mutant,) = read_mutants(_written(tmp_path, ENTRY.replace("caught_by", "# ")))

    assert mutant.caught_by == ()


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('bug = "A purse is not emptied."', "", "mutants.missing_key"),
        ("caught_by", "found_by", "mutants.unknown_key"),
        ("rule = 1", "rule = 10", "mutants.no_rule"),
        ("contracts/Purse.sol", "contracts/../Makefile", "mutants.outside"),
        ("contracts/Purse.sol", "tests/Purse.t.sol", "mutants.outside"),
        ("purse = 1;", "purse = 0;", "mutants.no_change"),
        ("PurseTest.test_withdraw", "test_withdraw", "mutants.test_name"),
        ("[[mutant]]", "[[mutant", "mutants.no_toml"),
    ],
)
def test_read_mutants__not_well_formed__is_refused_with_a_code(tmp_path, old, new, code):
    with pytest.raises(CheckFailed) as refused:
        read_mutants(_written(tmp_path, ENTRY.replace(old, new)))

    assert refused.value.code == code


def test_read_mutants__same_name_twice__is_refused(tmp_path):
    with pytest.raises(CheckFailed, match="two mutants are named pays-twice"):
        read_mutants(_written(tmp_path, ENTRY + ENTRY))


def test_plant__text_once__changes_only_it(tmp_path):
    _source(tmp_path, "a; purse = 0; b;")

    Mutant("m", "contracts/Purse.sol", 1, "-", "purse = 0;", "purse = 1;").plant(tmp_path)

    assert (tmp_path / "contracts" / "Purse.sol").read_text() == "a; purse = 1; b;"


@pytest.mark.parametrize("text", ["nothing of the kind", "purse = 0; purse = 0;"])
def test_plant__text_not_exactly_once__is_refused(tmp_path, text):
    _source(tmp_path, text)

    with pytest.raises(CheckFailed) as refused:
        Mutant("m", "contracts/Purse.sol", 1, "-", "purse = 0;", "purse = 1;").plant(tmp_path)

    assert refused.value.code == "mutants.not_once"
