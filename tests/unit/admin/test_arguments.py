"""What an administrator types is taken for exactly what it says, or refused."""

from __future__ import annotations

import pytest

from scripts.brownie import arguments
from scripts.brownie.refused import Refused

ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


@pytest.mark.parametrize(
    ("text", "wei"),
    [
        ("1", 10**18),
        ("250.5", 2505 * 10**17),
        ("0.000000000000000001", 1),
        ("999999999.999999999999999999", 10**27 - 1),
    ],
)
def test_dml_wei__an_amount__loses_no_wei(text, wei):
    assert arguments.dml_wei(text) == wei


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "0.0",
        "-1",
        "+1",
        "",
        "1e3",
        "1_000",
        "1,5",
        ".5",
        "NaN",
        "inf",
        "0.0000000000000000001",
        "\u0661",
    ],
)
def test_dml_wei__anything_else__is_refused(text):
    with pytest.raises(Refused) as refused:
        arguments.dml_wei(text)

    assert refused.value.reason == "admin.amount"


def test_address__with_its_checksum__is_taken():
    assert arguments.address("The receiver", ADDRESS) == ADDRESS


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (ADDRESS.lower(), "admin.checksum"),
        (ADDRESS.replace("C8", "c8"), "admin.checksum"),
        (ADDRESS[:-1] + "7", "admin.checksum"),
        (ADDRESS[:-1], "admin.address"),
        (ADDRESS[2:], "admin.address"),
        ("treasury.eth", "admin.address"),
        ("0x" + "0" * 40, "admin.address"),
    ],
)
def test_address__mistyped__is_refused_by_name(text, reason):
    with pytest.raises(Refused, match="The receiver: ") as refused:
        arguments.address("The receiver", text)

    assert refused.value.reason == reason


@pytest.mark.parametrize(("text", "bps"), [("0", 0), ("500", 500), ("007", 7)])
def test_commission_bps__up_to_the_cap__is_taken(text, bps):
    assert arguments.commission_bps(text, 500) == bps


@pytest.mark.parametrize(
    ("text", "reason"),
    [("501", "admin.commission"), ("-1", "admin.number"), ("2.5", "admin.number"), ("2%", "admin.number")],
)
def test_commission_bps__above_the_cap_or_no_number__is_refused(text, reason):
    with pytest.raises(Refused) as refused:
        arguments.commission_bps(text, 500)

    assert refused.value.reason == reason


def test_job_id__capitals__are_the_same_job():
    assert arguments.job_id("0x" + "AB" * 32) == "0x" + "ab" * 32


@pytest.mark.parametrize("text", ["", "0x", "ab" * 32, "0x" + "ab" * 31, "0x" + "ab" * 33, "0x" + "zz" * 32])
def test_job_id__not_a_hash__is_refused(text):
    with pytest.raises(Refused) as refused:
        arguments.job_id(text)

    assert refused.value.reason == "admin.job_id"


def test_outcome__two_words__and_no_other():
    assert (arguments.outcome("guilty"), arguments.outcome("innocent")) == (True, False)
    with pytest.raises(Refused, match="either guilty or innocent, not 'true'"):
        arguments.outcome("true")
