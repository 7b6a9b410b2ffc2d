"""A letter as an Internet message."""

from __future__ import annotations

import hashlib
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, parseaddr

from backend.errors import Invalid
from backend.ports import Letter


def compose(letter: Letter, sender: str) -> EmailMessage:
    """The message; its Message-ID is the same for the same key and sender. Invalid `mail.header`."""
    message = EmailMessage()
    try:
        if parseaddr(letter.to)[1] != letter.to or "@" not in letter.to:
            raise ValueError("the address is not one plain address")
        message["From"] = sender
        message["To"] = Address(addr_spec=letter.to)
        message["Subject"] = letter.subject
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = message_id(letter.key, sender)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
    except (ValueError, IndexError) as error:
        raise Invalid("mail.header", f"The letter to {letter.to!r} cannot be sent: {error}.") from error
    return message


def message_id(key: str, sender: str) -> str:
    """A hash of the key at the sender's domain: a key may hold characters that an id may not."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    return f"<{hashlib.sha256(key.encode()).hexdigest()[:40]}@{domain}>"
