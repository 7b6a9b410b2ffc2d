"""Accounts: nobody loses the last way in, and nobody gets what is somebody else's."""

import pytest

from backend.domain.password import acceptable
from backend.domain.user import (
    MAX_WALLETS,
    User,
    absorbed,
    claim_confirmed,
    claiming,
    linked,
    plain_email,
    unlinked,
    verified,
)
from backend.errors import Conflict, Invalid, NotFound

BY_WALLET = User("u_1", 1.0, ("0xA",))
SIGNED_UP = User("u_2", 1.0, email="a@example.org", password_hash="h")


def test_unlinked__last_wallet__only_with_a_confirmed_email():
    with pytest.raises(Conflict) as refusal:
        unlinked(BY_WALLET, "0xA")
    assert refusal.value.code == "account.last_way_in"
    with pytest.raises(Conflict):
        unlinked(claiming(BY_WALLET, "a@example.org"), "0xA")
    with pytest.raises(Conflict):
        unlinked(linked(SIGNED_UP, "0xA"), "0xA")
    assert unlinked(linked(verified(SIGNED_UP, 2.0), "0xA"), "0xA").wallets == ()
    assert unlinked(linked(BY_WALLET, "0xB"), "0xA").wallets == ("0xB",)


def test_unlinked__somebody_elses_wallet__is_not_found():
    with pytest.raises(NotFound):
        unlinked(BY_WALLET, "0xB")


def test_linked__too_many__is_refused():
    full = User("u_1", 1.0, tuple(f"0x{n}" for n in range(MAX_WALLETS)))
    assert linked(full, "0x0") == full
    with pytest.raises(Conflict) as refusal:
        linked(full, "0xnew")
    assert refusal.value.code == "account.too_many_wallets"


def test_claim__another_email__replaces_the_old_one_only_when_confirmed():
    user = claiming(verified(SIGNED_UP, 2.0), "b@example.org")
    assert (user.email, user.verified) == ("a@example.org", True)
    after = claim_confirmed(user, "b@example.org", 3.0)
    assert (after.email, after.email_verified_at, after.claimed_email) == ("b@example.org", 3.0, None)
    with pytest.raises(Conflict):
        claim_confirmed(claiming(user, "c@example.org"), "b@example.org", 3.0)
    assert claiming(user, "a@example.org").claimed_email is None


def test_absorbed__account_with_an_email__stays_its_own():
    assert absorbed(SIGNED_UP, BY_WALLET).wallets == ("0xA",)
    with pytest.raises(Conflict) as refusal:
        absorbed(BY_WALLET, SIGNED_UP)
    assert refusal.value.code == "account.wallet_taken"


def test_verified__first_confirmation__is_the_one_kept():
    assert verified(verified(SIGNED_UP, 2.0), 9.0).email_verified_at == 2.0
    assert not verified(BY_WALLET, 2.0).verified


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short 123", "password.length"),
        ("x" * 201, "password.length"),
        ("Password123", "password.common"),
        ("QWERTYUIOP", "password.common"),
        ("aaaaaaaaaaaa", "password.common"),
        ("Anna.Meier@Example.org", "password.email"),
        ("anna.meier", "password.email"),
    ],
)
def test_acceptable__guessed_first__is_refused(password, code):
    with pytest.raises(Invalid) as refusal:
        acceptable(password, "anna.meier@example.org")
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "password", ["ten chars!", "nur kleine buchstaben", "日本語のパスワードです", "x1" * 100]
)
def test_acceptable__anything_else_of_some_length__is_taken(password):
    assert acceptable(password, "anna.meier@example.org") == password


def test_acceptable__same_characters_composed_otherwise__are_the_same_password():
    assert acceptable("cafe\u0301 au lait", None) == acceptable("caf\u00e9 au lait", None)


def test_plain_email__however_typed__is_one_address():
    assert plain_email(" Anna@Example.ORG ") == "anna@example.org"
