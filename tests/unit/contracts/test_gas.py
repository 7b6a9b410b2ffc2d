"""Which gas figures pass."""

from scripts.contracts.gas import judge, table, updated


def test_judge__within_one_percent_and_the_limit__passes():
    assert judge({"open": {"gas": 1000, "limit": 1010}}, {"open": 1010}) == []


def test_judge__dearer_or_cheaper_by_more__is_shown_with_its_change():
    (dearer,) = judge({"open": {"gas": 1000}}, {"open": 1011})
    (cheaper,) = judge({"open": {"gas": 1000}}, {"open": 980})

    assert "+1.1 %" in dearer
    assert "-2.0 %" in cheaper


def test_judge__above_its_limit__is_shown_even_when_kept():
    assert judge({"open": {"gas": 1200, "limit": 1100}}, {"open": 1200}) == [
        "open costs 1200, above its limit of 1100"
    ]


def test_judge__two_that_may_not_differ__are_compared_as_measured():
    kept = {"root of 65": {"gas": 100}, "root of 512": {"gas": 100, "like": "root of 65"}}

    assert judge(kept, {"root of 65": 1000, "root of 512": 1005})[-1].startswith(
        "root of 512 costs 1005, not 100"
    )
    assert judge(kept, {"root of 65": 100, "root of 512": 102})[-1].endswith("they may not differ")


def test_judge__measured_or_kept_only__is_shown():
    assert judge({"gone": {"gas": 1}}, {"new": 2}) == [
        "gone is in gas.json and was not measured",
        "new costs 2 and is not in gas.json: make gas-update adds it",
    ]


def test_updated__limits_stay__and_what_is_no_longer_measured_goes():
    kept = {"open": {"gas": 1, "limit": 9}, "gone": {"gas": 1}}

    assert updated(kept, {"open": 2, "new": 3}) == {"open": {"gas": 2, "limit": 9}, "new": {"gas": 3}}


def test_table__every_figure__stands_beside_its_limit():
    lines = table({"open": {"gas": 7, "limit": 9}}, {"open": 8, "new": 3}).splitlines()

    assert [line.split() for line in lines[1:]] == [["open", "8", "7", "9"], ["new", "3", "-", "-"]]
