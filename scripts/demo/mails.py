"""The customer's mailbox: what the stack's mail sink kept, and the links inside."""

from __future__ import annotations

import email
import re
from dataclasses import asdict, dataclass
from email import policy
from pathlib import Path
from typing import Any

_LINK = re.compile(r"^\s*([A-Za-z0-9_.-]+): (https?://\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Letter:
    """A mail as its reader sees it."""

    to: str
    subject: str
    text: str

    def links(self) -> dict[str, str]:
        """Downloads by file name."""
        return dict(_LINK.findall(self.text))

    def summary(self) -> dict[str, Any]:
        """The letter as it goes into the report."""
        return asdict(self)


def letters(mail_folder: Path, to: str) -> list[Letter]:
    """All mails to an address, in the order in which they came."""
    files = [path for place in ("new", "cur") for path in mail_folder.rglob(f"{place}/*") if path.is_file()]
    found = []
    for path in sorted(files, key=lambda p: (p.stat().st_mtime_ns, p.name)):
        message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        letter = Letter(str(message["To"]), str(message["Subject"]), body.get_content() if body else "")
        if to in letter.to:
            found.append(letter)
    return found
