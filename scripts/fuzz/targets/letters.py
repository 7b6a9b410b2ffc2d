"""What stands after `#` in letters' links and in links to a ticket: whoever it names, nobody gets in by a text we did not make."""

from __future__ import annotations

from backend.api.links import opens
from backend.api.mail_tokens import Purpose, check, mail_token, named
from backend.api.schemas import email_of
from backend.domain.user import User
from backend.errors import Invalid
from scripts.fuzz.target import Judge, Target, promised, sentence

SECRET, AT = b"s" * 32, 1_800_000_000.0
USER = User("u1", AT, email="anna@example.org", claimed_email="anna@example.com")


def _letters() -> Judge:
    # The last letter of a signature has bits to spare: only what was signed need be ours to the letter.
    made = {_signed(mail_token(SECRET, lambda: AT, purpose, USER)) for purpose in Purpose}

    def judge(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        for purpose in Purpose:
            who = named(SECRET, lambda: AT, purpose, text)
            promised(who is None or _signed(text) in made, "a text that we did not make names somebody")
            try:
                check(SECRET, lambda: AT, purpose, text, USER)
            except Invalid as refusal:
                sentence(refusal.message)
            else:
                promised(_signed(text) in made, "a text that we did not make opened an account")
        promised(not opens(SECRET, text, "t_1", AT), "a text that we did not make opened a ticket")
        try:
            plain = email_of(text)
        except Invalid as refusal:
            sentence(refusal.message)
        else:
            promised(not set(plain) & set("\r\n\0<> "), "an e-mail address that could end a header")

    return judge


def _signed(token: str) -> str:
    return token.rpartition(".")[0]


def _seeds() -> list[bytes]:
    tokens = [mail_token(SECRET, lambda: AT, purpose, USER).encode() for purpose in Purpose]
    return [*tokens, b"anna@example.org", b'"a b"@example.org', b"a@b.c\r\nBcc: x@y.z"]


TARGETS = (Target("letters", _letters, _seeds, (b".", b"@", b"\r\n", b"==", b"eyJ"), 1_024),)
