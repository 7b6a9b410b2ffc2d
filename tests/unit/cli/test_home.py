"""Receipts and sessions on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from backend.cli.home import Receipt, load_receipt, receipt_path, save_receipt, save_session, session_token
from backend.errors import Invalid, NotFound

pytestmark = pytest.mark.unit

RECEIPT = Receipt(
    ticket="t-1",
    api="http://api.test",
    rpc_url="http://chain.test",
    chain_id=31337,
    escrow="0x" + "11" * 20,
    token="0x" + "22" * 20,
    job_id="0x" + "33" * 32,
    ref="0x" + "44" * 32,
    customer="0x" + "55" * 20,
    fee_wei=10**17 + 1,
    deadline=1_900_000_000,
    dataset_sha256="66" * 32,
    file="/data/digits.csv",
)


def test_receipt__saved_and_loaded__is_the_same() -> None:
    save_receipt(RECEIPT)
    save_receipt(replace(RECEIPT, transaction="0xabc"))
    assert load_receipt("t-1") == replace(RECEIPT, transaction="0xabc")


def test_receipt__named_by_file__is_loaded(tmp_path: Path) -> None:
    elsewhere = tmp_path / "kept.json"
    elsewhere.write_text(save_receipt(RECEIPT).read_text())
    assert load_receipt(str(elsewhere)) == RECEIPT


def test_receipt__on_disk__is_the_owners_alone() -> None:
    path = save_receipt(RECEIPT)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["t-2", "missing/receipt.json", "t-2.json"])
def test_receipt__unknown__is_not_found(name: str) -> None:
    with pytest.raises(NotFound):
        load_receipt(name)


@pytest.mark.parametrize("ticket", ["..", "a b", "x" * 81, ""])
def test_receipt_path__of_what_is_no_ticket_id__is_refused(ticket: str) -> None:
    with pytest.raises(Invalid):
        receipt_path(ticket)


def test_receipt__of_other_content__is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text("[]")
    with pytest.raises(Invalid):
        load_receipt(str(path))


def test_session__saved__is_kept_by_api_and_address(own_home: Path) -> None:
    save_session("http://a", "0x1", "one")
    save_session("http://b", "0x1", "two")
    assert session_token("http://a", "0x1") == "one"
    assert session_token("http://a", "0x2") is None
    assert (own_home / "sessions.json").stat().st_mode & 0o777 == 0o600


def test_session__file_damaged__counts_as_signed_out(own_home: Path) -> None:
    own_home.mkdir()
    (own_home / "sessions.json").write_text("{")
    assert session_token("http://a", "0x1") is None
