"""What counts as enough coverage of the contracts."""

import pytest

from scripts.contracts.coverage import Place, judge, read_explained, read_lcov
from scripts.contracts.forge import CheckFailed

SOURCE = {"contracts/Purse.sol": ["contract Purse {", "  if (empty) revert Empty();", "  purse = 0;", "}"]}
GUARD = Place("contracts/Purse.sol", "if (empty) revert Empty();")


def _report(line_2=1, line_3=1, ways=("1",)):
    branches = "".join(f"BRDA:2,0,{way},{taken}\n" for way, taken in enumerate(ways))
    return read_lcov(f"TN:\nSF:contracts/Purse.sol\nDA:2,{line_2}\n{branches}DA:3,{line_3}\nend_of_record\n")


def test_judge__everything_run__no_complaint():
    assert judge(_report(ways=("1", "7")), SOURCE, {}) == []


def test_judge__line_never_run__is_shown_whatever_is_explained():
    complaints = judge(_report(line_3=0), SOURCE, {Place("contracts/Purse.sol", "purse = 0;"): 1})

    assert "contracts/Purse.sol:3 is never run: purse = 0;" in complaints


@pytest.mark.parametrize("taken", ["-", "0"])
def test_judge__branch_not_taken__needs_an_explanation_and_the_share_of_branches(taken):
    complaints = judge(_report(ways=("1", taken)), SOURCE, {})

    assert [c for c in complaints if "contracts/Purse.sol:2 has 1 way(s) no test takes" in c]
    assert [c for c in complaints if "50.0 % of the branches" in c]


def test_judge__branch_explained__is_not_shown():
    many = _report(ways=("-", *["1"] * 99))

    assert judge(many, SOURCE, {GUARD: 1}) == []


def test_judge__more_ways_open_than_explained__is_shown():
    many = _report(ways=("-", "-", *["1"] * 98))

    (complaint,) = judge(many, SOURCE, {GUARD: 1})
    assert "2 way(s) no test takes, 1 explained" in complaint


def test_judge__explained_branch_is_taken__explanation_is_refused():
    (complaint,) = judge(_report(), SOURCE, {GUARD: 1})

    assert "explained to leave 1 way(s) open and leaves 0" in complaint


def test_read_explained__entry_without_a_reason__is_refused(tmp_path):
    path = tmp_path / "explained.toml"
    path.write_text('[[open]]\nfile = "contracts/Purse.sol"\nline = "purse = 0;"\n')

    with pytest.raises(CheckFailed) as refused:
        read_explained(path)

    assert refused.value.code == "coverage.bad_entry"
