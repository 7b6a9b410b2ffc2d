"""Sends the mails that tickets and accounts asked for; one that cannot be sent waits and never holds anything else up."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from backend.domain.effects import SendAccountMail, SendMail
from backend.errors import Invalid, Recoverable
from backend.notification.account_letters import account_letter
from backend.notification.letters import is_overtaken, is_true, letter
from backend.ports import Effects, Letter, Mail, Objects, QueuedEffect, Tickets

log = structlog.get_logger()

RETRY_SECONDS = 5.0
LONGEST_RETRY_SECONDS = 600.0


class Notifier:
    """Carries out `SendMail` and `SendAccountMail` effects.

    `page_url` makes the link to a ticket's page, which opens it without signing in; `account_link` the one in a letter about an
    account, None where there is nobody to write to (any more).
    """

    def __init__(
        self,
        tickets: Tickets,
        effects: Effects,
        objects: Objects,
        mail: Mail,
        page_url: Callable[[str], str],
        link_days: float,
        account_link: Callable[[SendAccountMail], str | None],
    ) -> None:
        self._tickets = tickets
        self._effects = effects
        self._objects = objects
        self._mail = mail
        self._page_url = page_url
        self._link_seconds = link_days * 86_400
        self._account_link = account_link

    def run_once(self, may_send: Callable[[], bool] = lambda: True) -> None:
        """Send every letter that is due, as long as this notifier may: of several one sends at a time."""
        if not may_send():
            return
        for waiting in self._effects.pending([SendMail.__name__, SendAccountMail.__name__]):
            if not may_send():
                return
            if self._waits_for_the_chain(waiting):
                self._effects.retry(
                    waiting.key, RETRY_SECONDS, "the chain took back what it says, and may do it again"
                )
                continue
            written = self._written(waiting)
            if written is None:
                self._effects.done(
                    waiting.key, {"sent": False, "why": "there is nobody to write to, or it is no longer so"}
                )
            else:
                self._send(waiting, written)

    def _waits_for_the_chain(self, waiting: QueuedEffect) -> bool:
        if not isinstance(waiting.effect, SendMail):
            return False
        ticket, kind = self._tickets.get(waiting.effect.ticket_id), waiting.effect.kind
        return not is_true(ticket, kind) and not is_overtaken(ticket, kind)

    def _written(self, waiting: QueuedEffect) -> Letter | None:
        if isinstance(waiting.effect, SendAccountMail):
            link = self._account_link(waiting.effect)
            return account_letter(waiting.effect, link) if link is not None else None
        if not isinstance(waiting.effect, SendMail):
            return None
        ticket = self._tickets.get(waiting.effect.ticket_id)
        if is_overtaken(ticket, waiting.effect.kind):
            return None
        links = {
            name: self._objects.download_url(file["key"], self._link_seconds, filename=name)
            for name, file in (ticket.files or {}).items()
        }
        return letter(ticket, waiting.effect.kind, links, self._page_url(ticket.id))

    def _send(self, waiting: QueuedEffect, written: Letter) -> None:
        try:
            self._mail.send(written)
        except Recoverable as error:
            wait = min(RETRY_SECONDS * 2**waiting.attempts, LONGEST_RETRY_SECONDS)
            self._effects.retry(waiting.key, wait, error.message)
            log.warning(
                "mail.postponed", ticket=waiting.effect.ticket_id, effect=waiting.key, code=error.code
            )
        except Invalid as error:
            self._effects.fail(waiting.key, error.code, error.message)
            log.warning(
                "mail.refused",
                ticket=waiting.effect.ticket_id,
                effect=waiting.key,
                code=error.code,
                message=error.message,
            )
        else:
            self._effects.done(waiting.key, {"sent": True})
            log.info("mail.sent", ticket=waiting.effect.ticket_id, effect=waiting.key)
