"""What happens to accounts, beside the pure rules: new ones are made, wallets change hands, letters are asked for."""

from __future__ import annotations

import secrets

from backend.api.parts import ApiParts
from backend.domain.effects import AccountMail, SendAccountMail
from backend.domain.user import User, absorbed, claim_confirmed, linked
from backend.errors import Conflict


def new_id() -> str:
    """An account's id."""
    return f"u_{secrets.token_hex(10)}"


def user_of_wallet(parts: ApiParts, address: str) -> User:
    """Whose wallet it is; a new account where it is nobody's."""
    known = parts.users.by_wallet(address)
    if known is not None:
        return known
    user = User(new_id(), parts.clock(), (address,))
    try:
        parts.users.add(user)
    except Conflict:  # another request made it in between
        return parts.users.by_wallet(address) or user
    return user


def link_wallet(parts: ApiParts, user: User, address: str) -> User:
    """The wallet becomes this user's, with all of an account that has nothing but wallets; Conflict `account.wallet_taken`."""
    other = parts.users.by_wallet(address)
    if other is None or other.id == user.id:
        return parts.users.change(user.id, lambda now: linked(now, address))
    after = parts.users.absorb(user.id, other.id, absorbed)
    parts.sessions.end(other.id)
    return after


def confirm_claim(parts: ApiParts, user: User, email: str) -> User:
    """The e-mail becomes this user's; a sign-up for it that nobody confirmed gives way. Conflict `account.email_taken`."""
    holder = parts.users.by_email(email)
    if holder is not None and holder.id != user.id and holder.unanswered:
        parts.users.remove(holder.id)
    return parts.users.change(user.id, lambda now: claim_confirmed(now, email, parts.clock()))


def write_to(parts: ApiParts, kind: AccountMail, email: str, user_id: str = "") -> None:
    """Ask for a letter. Whether there is an account to write about is found out when it is sent, not here."""
    parts.effects.add([SendAccountMail(kind, email, secrets.token_hex(10), user_id)])
