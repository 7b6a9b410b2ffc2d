"""Letters about accounts: plain text, one link at most, nothing that another reader could use for long."""

from __future__ import annotations

from backend.domain.effects import AccountMail, SendAccountMail
from backend.ports import Letter

_FOOT = ("", "If this was not you, you need do nothing: without the link nothing happens.")


def account_letter(asked: SendAccountMail, link: str) -> Letter:
    """The letter that was asked for; `link` leads to the page where it goes on."""
    subject, lines = _LETTERS[asked.kind]
    text = "\n".join(line.replace("LINK", link) for line in lines) + "\n"
    return Letter(asked.key, asked.email, f"EcoDML: {subject}", text)


_LETTERS: dict[AccountMail, tuple[str, tuple[str, ...]]] = {
    AccountMail.CONFIRM: (
        "confirm your e-mail address",
        ("Welcome. Confirm that this address is yours, within three days:", "", "LINK", *_FOOT),
    ),
    AccountMail.CLAIM: (
        "confirm your e-mail address",
        (
            "An account asks for this address. If it is yours, confirm it within three days, in the browser",
            "where you are signed in:",
            "",
            "LINK",
            *_FOOT,
        ),
    ),
    AccountMail.KNOWN: (
        "you have an account already",
        (
            "Somebody signed up with this address, which has an account already. If that was you, sign in",
            "with your password, or set a new one within the hour:",
            "",
            "LINK",
            *_FOOT,
        ),
    ),
    AccountMail.RESET: (
        "set a new password",
        ("Set a new password for your account, within the hour:", "", "LINK", *_FOOT),
    ),
    AccountMail.CHANGED: (
        "your password was changed",
        (
            "Your account has a new password, and all its other sessions have ended.",
            "If this was not you, set another password at once:",
            "",
            "LINK",
        ),
    ),
}
