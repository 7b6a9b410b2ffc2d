"""Where the customer's key comes from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from eth_account import Account

from backend.cli.wallet import PASSWORD_VARIABLE, create_keystore, keystore_address, open_wallet
from backend.errors import Conflict, Invalid, NotFound

pytestmark = pytest.mark.unit


@pytest.fixture
def keystore(tmp_path: Path) -> tuple[Path, str]:
    """A keystore with few rounds (a test need not wait), its password `open sesame`."""
    account = Account.create()
    path = tmp_path / "key.json"
    path.write_text(json.dumps(Account.encrypt(account.key, "open sesame", iterations=2)))
    return path, account.address


def test_open_wallet__keystore_and_password__gives_the_account(keystore: tuple[Path, str]) -> None:
    path, address = keystore
    assert open_wallet(path, None, lambda _: "open sesame").address == address


def test_open_wallet__password_in_environment__asks_nothing(
    keystore: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "open sesame")
    assert open_wallet(keystore[0], None, lambda _: pytest.fail("asked")).address == keystore[1]


def test_open_wallet__wrong_password__is_refused(keystore: tuple[Path, str]) -> None:
    with pytest.raises(Invalid) as refused:
        open_wallet(keystore[0], None, lambda _: "open barley")
    assert refused.value.code == "wallet.password"


def test_open_wallet__variable__gives_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account.create()
    monkeypatch.setenv("MY_KEY", account.key.to_0x_hex())
    assert open_wallet(None, "MY_KEY").address == account.address


def test_open_wallet__variable_holds_no_key__does_not_repeat_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "0xsecret")
    with pytest.raises(Invalid) as refused:
        open_wallet(None, "MY_KEY")
    assert refused.value.code == "wallet.key"
    assert "secret" not in str(refused.value)


def test_open_wallet__nothing_there__says_how_to_get_one() -> None:
    with pytest.raises(NotFound) as refused:
        open_wallet(None, None)
    assert "ecodml wallet" in refused.value.message
    with pytest.raises(NotFound):
        open_wallet(None, "NO_SUCH_VARIABLE")


@pytest.mark.parametrize("text", ["not json", "[]", "{}"])
def test_open_wallet__other_file__is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(Invalid) as refused:
        open_wallet(path, None, lambda _: "x")
    assert refused.value.code == "wallet.keystore"


def test_create_keystore__made__opens_and_is_never_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PASSWORD_VARIABLE, "open sesame")
    path = tmp_path / "mine.json"
    address = create_keystore(path).address
    assert keystore_address(path) == address
    assert path.stat().st_mode & 0o777 == 0o600
    assert open_wallet(path, None).address == address
    with pytest.raises(Conflict):
        create_keystore(path)


def test_create_keystore__passwords_differ__writes_nothing(tmp_path: Path) -> None:
    answers = iter(["one", "two"])
    with pytest.raises(Invalid):
        create_keystore(tmp_path / "mine.json", lambda _: next(answers))
    assert not (tmp_path / "mine.json").exists()
