"""`ecodml credits`: which token and how much of it."""

import pytest

from backend.cli.credits import certificate_line, chosen, lines, listed, texts
from backend.domain.credits import Certificate, Holding, credit_id, zone_and_vintage
from backend.errors import Conflict, Invalid

ME = "0x" + "11" * 20
ES = credit_id("ES", 2026, 11)


class Books:
    """An account with 900 of ES 2026-11, and one certificate."""

    def holdings(self, account):
        return (Holding("ES", "2026-11", hex(ES), 900, 1_000),)

    def certificates(self, account=None):
        return (self.certificate(1),)

    def certificate(self, number):
        return Certificate(number, ME, 1, "ES", "2026-11", hex(ES), 100, "the sea", "", "0xab")


def test_chosen__all__is_what_is_held():
    assert chosen(Books(), ME, "ES", "2026-11", "all") == (ES, 900)
    assert chosen(Books(), ME, "ES", "2026-11", "7") == (ES, 7)


@pytest.mark.parametrize(
    ("what", "refusal", "code"),
    [
        (("ES", "2026-11", "901"), Conflict, "credits.none"),
        (("PL", "2026-11", "all"), Conflict, "credits.none"),
        (("ES", "2026-13", "1"), Invalid, "credits.vintage"),
        (("", "2026-11", "1"), Invalid, "credits.vintage"),
        (("é", "2026-11", "1"), Invalid, "credits.vintage"),
        (("E" * 29, "2026-11", "1"), Invalid, "credits.vintage"),
        (("ES", "2026-11", "0"), Invalid, "credits.amount"),
        (("ES", "2026-11", "1.5"), Invalid, "credits.amount"),
    ],
)
def test_chosen__nothing_to_retire__is_refused(what, refusal, code):
    with pytest.raises(refusal) as refused:
        chosen(Books(), ME, *what)
    assert refused.value.code == code


def test_texts__too_long_in_bytes__are_refused():
    assert texts("a" * 100, "b" * 200) == ("a" * 100, "b" * 200)
    with pytest.raises(Invalid):
        texts("é" * 51, "")


def test_lines__what_is_held__says_that_it_is_no_offset():
    told = lines(listed(Books(), ME))
    assert "not a carbon offset" in told[0]
    assert told[1] == "ES 2026-11: 900 µgCO2e held of 1000 issued"
    assert told[2] == certificate_line(listed(Books(), ME)["certificates"][0])


def test_zone_and_vintage__of_a_token__are_what_made_it():
    assert zone_and_vintage(credit_id("US-CAL-CISO", 2030, 1)) == ("US-CAL-CISO", "2030-01")
