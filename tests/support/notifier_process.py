"""A notifier process of its own for tests that kill one: `python -m tests.support.notifier_process URI DATABASE SMTP_URL`."""

from __future__ import annotations

import sys
import time
from types import SimpleNamespace
from typing import Any

from backend.adapters import mongo
from backend.adapters.mail.smtp import SmtpMail
from backend.bootstrap.heartbeat import this_process
from backend.bootstrap.lead import Lead
from backend.notification.notifier import Notifier


def main(uri: str, name: str, smtp_url: str) -> None:
    """Send letters, while it leads, until it is killed."""
    database = mongo.connect(uri, name)
    tickets = mongo.MongoTickets(database, time.time)
    effects = mongo.MongoEffects(database, time.time)
    mail, objects = SmtpMail(smtp_url, "EcoDML <no-reply@example.org>"), SimpleNamespace()
    anything: Any = objects
    notifier = Notifier(tickets, effects, anything, mail, str, 7.0, lambda _: "https://example.org/x?token=t")
    lead = Lead(tickets, "notifier", this_process())
    lead.run(lambda: False)
    while True:
        notifier.run_once(lead)
        effects.wait(0.5)


if __name__ == "__main__":
    main(*sys.argv[1:])
