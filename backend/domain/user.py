"""A person's account: an e-mail with a password, wallets, or both. Never without a way in.

An e-mail belongs to one user and a wallet to one user; the store holds that, these rules say how either changes hands. An e-mail
that an account asks for (`claimed_email`) is nobody's until a letter to it was answered: asking for one takes it from no one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from backend.errors import Conflict, NotFound

MAX_WALLETS = 20


@dataclass(frozen=True)
class User:
    """`wallets` are checksum addresses in the order they came, e-mails lower case, times Unix seconds.

    An `email` without `email_verified_at` is a sign-up whose letter was not answered: nobody gets in by it.
    """

    id: str
    created_at: float
    wallets: tuple[str, ...] = ()
    email: str | None = None
    email_verified_at: float | None = None
    claimed_email: str | None = None
    password_hash: str | None = None

    @property
    def verified(self) -> bool:
        """Whether letters to its e-mail reach it: a password can always be had by one."""
        return self.email is not None and self.email_verified_at is not None

    @property
    def unanswered(self) -> bool:
        """A sign-up that nobody has confirmed and that holds nothing."""
        return not self.verified and not self.wallets


def plain_email(email: str) -> str:
    """The one form an address is kept and compared in."""
    return email.strip().lower()


def verified(user: User, at: float) -> User:
    """Somebody who reads its e-mail confirmed it."""
    return user if user.email is None or user.verified else replace(user, email_verified_at=at)


def claiming(user: User, email: str) -> User:
    """It asks for this e-mail; the one it has stays until the new one is confirmed."""
    return replace(user, claimed_email=None if user.verified and user.email == email else email)


def claim_confirmed(user: User, email: str, at: float) -> User:
    """Somebody who reads the e-mail it asked for confirmed it; Conflict `account.claim` where it asks for it no more."""
    if user.claimed_email != email:
        raise Conflict("account.claim", "This account no longer asks for that e-mail address.")
    return replace(user, email=email, email_verified_at=at, claimed_email=None)


def with_password(user: User, password_hash: str) -> User:
    """With a new password."""
    return replace(user, password_hash=password_hash)


def linked(user: User, address: str) -> User:
    """With one more wallet; Conflict `account.too_many_wallets`."""
    if address in user.wallets:
        return user
    if len(user.wallets) >= MAX_WALLETS:
        raise Conflict("account.too_many_wallets", f"An account may have {MAX_WALLETS} wallets.")
    return replace(user, wallets=(*user.wallets, address))


def unlinked(user: User, address: str) -> User:
    """Without this wallet; NotFound `account.no_such_wallet`, Conflict `account.last_way_in`."""
    if address not in user.wallets:
        raise NotFound("account.no_such_wallet", "This wallet is not linked to your account.")
    left = tuple(wallet for wallet in user.wallets if wallet != address)
    if not left and not user.verified:
        raise Conflict(
            "account.last_way_in",
            "This wallet is the only way into your account: link another or confirm an e-mail address first.",
        )
    return replace(user, wallets=left)


def absorbed(user: User, other: User) -> User:
    """With the wallets of `other`, which ends; Conflict `account.wallet_taken` where that one has an e-mail."""
    if other.email is not None:
        raise Conflict(
            "account.wallet_taken",
            "This wallet belongs to an account with an e-mail address: sign in there and unlink it first.",
        )
    for wallet in other.wallets:
        user = linked(user, wallet)
    return user
