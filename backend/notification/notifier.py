"""Sends the mails that tickets asked for; one that cannot be sent waits and never holds anything else up."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from backend.domain.effects import SendMail
from backend.errors import Invalid, Recoverable
from backend.notification.letters import letter
from backend.ports import Effects, Mail, Objects, Tickets

log = structlog.get_logger()

RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 600.0


class Notifier:
    """Carries out `SendMail` effects. `page_url` makes the link to a ticket's page, which opens it without signing in."""

    def __init__(
        self,
        tickets: Tickets,
        effects: Effects,
        objects: Objects,
        mail: Mail,
        page_url: Callable[[str], str],
        link_days: float,
    ) -> None:
        self._tickets = tickets
        self._effects = effects
        self._objects = objects
        self._mail = mail
        self._page_url = page_url
        self._link_seconds = link_days * 86_400

    def run_once(self) -> None:
        """Send every letter that is due."""
        for waiting in self._effects.pending([SendMail.__name__]):
            if not isinstance(waiting.effect, SendMail):
                continue
            ticket = self._tickets.get(waiting.effect.ticket_id)
            links = {
                name: self._objects.download_url(file["key"], self._link_seconds, filename=name)
                for name, file in (ticket.files or {}).items()
            }
            written = letter(ticket, waiting.effect.kind, links, self._page_url(ticket.id))
            if written is None:
                self._effects.done(waiting.key, {"sent": False, "why": "the customer left no address"})
                continue
            try:
                self._mail.send(written)
            except Recoverable as error:
                wait = min(RETRY_SECONDS * 2**waiting.attempts, LONGEST_RETRY_SECONDS)
                self._effects.retry(waiting.key, wait, error.message)
                log.warning("mail.postponed", key=waiting.key, code=error.code)
                continue
            except Invalid as error:
                self._effects.fail(waiting.key, error.code, error.message)
                log.warning("mail.refused", key=waiting.key, code=error.code, message=error.message)
                continue
            self._effects.done(waiting.key, {"sent": True})
            log.info("mail.sent", key=waiting.key)
