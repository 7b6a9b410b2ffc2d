"""A post office in memory."""

from __future__ import annotations

from backend.adapters.mail.message import compose
from backend.ports import Letter

SENDER = "EcoDML <no-reply@ecodml.example>"


class MemoryMail:
    """`ports.Mail`; `letters` holds what arrived, once per key and address."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter) -> None:
        """Keep the letter; Invalid `mail.header` for one that no mail server would take."""
        compose(letter, SENDER)
        if all((kept.key, kept.to) != (letter.key, letter.to) for kept in self.letters):
            self.letters.append(letter)
