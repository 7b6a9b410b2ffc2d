"""What the provider's pages say of a node, its jobs and amounts."""

import pytest

from fl_nodes.protocol.invitation import is_name
from tests.support.javascript import node

DEFAULT = {"state": "Active", "frozen": False, "online": True, "assigned_jobs": 0}


def words(run: str, given: dict):
    return node(
        f"const words = await import(`${{frontend}}/components/provider/node-words.js`);\n{run}", given
    )


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "Online"),
        ({"assigned_jobs": 2}, "Working"),
        ({"online": False}, "Offline"),
        ({"state": "Exiting"}, "Leaving"),
        ({"frozen": True, "online": False}, "Accused"),
        ({"state": "Banned", "frozen": True}, "Banned"),
        ({"state": "None", "online": False}, "Left"),
    ],
)
def test_standing__worst_news__comes_first(changes, word):
    said = words("give(words.standing(given).word);", DEFAULT | changes)
    assert said == word


@pytest.mark.parametrize(
    ("text", "wei"),
    [
        ("0.1", "100000000000000000"),
        ("1,5", "1500000000000000000"),
        (" 2 ", "2000000000000000000"),
        ("0.000000000000000001", "1"),
        ("0", None),
        ("-1", None),
        ("1e3", None),
        ("0.0000000000000000001", None),
        ("", None),
    ],
)
def test_wei_of__amount_as_typed__is_exact_or_nothing(text, wei):
    said = words(
        "const wei = words.weiOf(given.text); give(wei === null ? null : String(wei));", {"text": text}
    )
    assert said == wei


def test_exact_coins__of_any_wei__is_read_back_the_same():
    amounts = ["1", "100000000000000000", "123456789000000000000000001"]
    run = "give(given.map((wei) => String(words.weiOf(words.exactCoins(wei)))));"
    assert words(run, amounts) == amounts


def test_is_name__agrees_with_what_the_api_takes():
    names = ["alice", "A.b-c_9", "", "no spaces", "x" * 40, "x" * 41, "é", "a/b", "a\n"]
    assert words("give(given.map(words.isName));", names) == [is_name(name) for name in names]


def test_earned__counts_settled_jobs_only():
    jobs = [
        {"status": "SETTLED", "paid_wei": "5"},
        {"status": "SETTLING", "paid_wei": "7"},
        {"status": "SETTLED", "paid_wei": "6"},
    ]
    assert words("give(String(words.earned(given)));", jobs) == "11"


@pytest.mark.parametrize(
    ("job", "word"),
    [
        ({"status": "SETTLED", "role": "trainer", "paid_wei": "5"}, "paid"),
        ({"status": "SETTLED", "role": "trainer", "paid_wei": "0"}, "settled, nothing earned"),
        ({"status": "SETTLED", "role": "validator", "paid_wei": "0"}, "checked and settled"),
        ({"status": "REFUNDED", "role": "trainer", "paid_wei": "0"}, "the customer was refunded"),
        ({"status": "RUNNING", "role": "trainer", "paid_wei": "0"}, "training"),
        (
            {
                "status": "DISPUTED",
                "role": "trainer",
                "paid_wei": "0",
                "culprit": True,
                "accusation": "contested",
            },
            "accused, contested",
        ),
    ],
)
def test_outcome__of_a_job__is_said_in_words(job, word):
    assert words("give(words.outcome(given).word);", {"culprit": False, "accusation": None} | job) == word
