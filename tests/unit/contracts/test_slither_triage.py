"""Which of Slither's findings pass."""

import pytest

from scripts.contracts.forge import CheckFailed
from scripts.contracts.slither import Finding, Subject, judge, read_report, read_triage

SEND = Subject("arbitrary-send-eth", "Purse._send(address)")
CONTRACT = {"type": "contract", "name": "Purse"}
FUNCTION = {
    "type": "function",
    "name": "_send",
    "type_specific_fields": {"parent": CONTRACT, "signature": "_send(address)"},
}


def _reported(element):
    finding = {"check": "c", "impact": "High", "description": "x\n\ty", "elements": [element]}
    return read_report({"success": True, "error": None, "results": {"detectors": [finding]}})


@pytest.mark.parametrize(
    ("element", "where"),
    [
        (CONTRACT, "Purse"),
        (FUNCTION, "Purse._send(address)"),
        (
            {"type": "variable", "name": "sum", "type_specific_fields": {"parent": FUNCTION}},
            "Purse._send(address).sum",
        ),
        (
            {"type": "node", "name": "a == b", "type_specific_fields": {"parent": FUNCTION}},
            "Purse._send(address)",
        ),
    ],
)
def test_read_report__any_element__is_known_by_what_contains_it(element, where):
    (finding,) = _reported(element)

    assert (finding.subject, finding.description) == (Subject("c", where), "x")


def test_read_report__slither_failed__says_why():
    with pytest.raises(CheckFailed, match=r"slither\.failed: no compiler"):
        read_report({"success": False, "error": "Traceback\nno compiler\n", "results": {}})


@pytest.mark.parametrize("impact", ["High", "Medium"])
def test_judge__grave_and_unexplained__is_shown(impact):
    (complaint,) = judge([Finding(SEND, impact, "sends")], {})

    assert complaint == f"{impact} arbitrary-send-eth in Purse._send(address) is not explained: sends"


def test_judge__low_or_explained__passes():
    assert judge([Finding(SEND, "High", "sends"), Finding(Subject("t", "P"), "Low", "time")], {SEND: 1}) == []


def test_judge__second_finding_about_an_explained_subject__is_shown():
    twice = [Finding(SEND, "High", "sends"), Finding(SEND, "High", "sends again")]

    (complaint,) = judge(twice, {SEND: 1})
    assert complaint.endswith("sends again")


def test_judge__explanation_of_nothing__is_refused():
    (complaint,) = judge([], {SEND: 1})

    assert "is explained 1 time(s) and found 0" in complaint


def test_read_triage__entry_without_a_reason__is_refused(tmp_path):
    path = tmp_path / "triage.toml"
    path.write_text('[[finding]]\ncheck = "c"\nwhere = "Purse"\n')

    with pytest.raises(CheckFailed) as refused:
        read_triage(path)

    assert refused.value.code == "slither.bad_entry"
