"""A local post office, for trying the product: takes all mail, keeps it in a Maildir, shows it on a page."""

from __future__ import annotations

import email.policy
import html
import json
import mailbox
import signal
import threading
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from backend.config import Settings
from backend.errors import Recoverable

_STYLE = """
body { font: 16px/1.5 system-ui; max-width: 46rem; margin: 2rem auto }
article { border-top: 1px solid #ccc; padding: 1rem 0 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit }
h2 { font-size: 1.1rem; margin: 0 }
small { color: #555 }
"""


@dataclass(frozen=True)
class Received:
    """A mail as read: addresses, subject, Unix seconds, plain text."""

    message_id: str
    to: str
    sender: str
    subject: str
    at: float
    text: str


class PostOffice:
    """The Maildir. A mail that comes again (same Message-ID, same recipients) is kept once."""

    def __init__(self, folder: Path) -> None:
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._box = mailbox.Maildir(folder, create=True)
        self._lock = threading.Lock()
        self._mails = sorted(
            (_read(self._box.get_bytes(key)) for key in self._box.iterkeys()), key=lambda mail: mail.at
        )

    def take(self, content: bytes, recipients: list[str]) -> None:
        """Keep a mail as it came over the wire."""
        envelope = f"X-Envelope-To: {', '.join(recipients)}\n".encode()
        kept = envelope + content.replace(b"\r\n", b"\n")
        mail = _read(kept)
        with self._lock:
            if mail.message_id and any(
                (m.message_id, m.to) == (mail.message_id, mail.to) for m in self._mails
            ):
                return
            self._box.add(kept)
            self._mails.append(mail)

    def mails(self, to: str | None = None) -> list[Received]:
        """Mails, newest first; those to one address if `to` is given."""
        with self._lock:
            newest_first = list(reversed(self._mails))
        return [mail for mail in newest_first if to is None or to.lower() in mail.to.lower().split(", ")]


class Sink:
    """The running post office: SMTP on one port, the page on another. A context manager."""

    def __init__(self, folder: Path, host: str, smtp_port: int, page_port: int) -> None:
        self.office = PostOffice(folder)
        self._smtp = Controller(_Handler(self.office), hostname=host, port=smtp_port, enable_SMTPUTF8=True)
        self._page_at = (host, page_port)

    def __enter__(self) -> Sink:
        try:
            self._page = ThreadingHTTPServer(self._page_at, _page_of(self.office))
        except OSError as error:
            raise Recoverable(
                "mail.port", f"The mail page cannot listen on port {self._page_at[1]}: {error}."
            ) from error
        try:
            self._smtp.start()
        except OSError as error:
            self._page.server_close()
            raise Recoverable(
                "mail.port", f"The mail sink cannot listen on its SMTP port: {error}."
            ) from error
        self._thread = threading.Thread(target=self._page.serve_forever, name="mail-page", daemon=True)
        self._thread.start()
        return self

    @property
    def page_url(self) -> str:
        """Where to read the mails."""
        return f"http://{self._page_at[0]}:{self._page.server_address[1]}"

    def __exit__(self, *_: object) -> None:
        self._smtp.stop()
        self._page.shutdown()
        self._page.server_close()
        self._thread.join()


def run_sink(settings: Settings, stop: threading.Event | None = None) -> None:
    """Serve until `stop` is set, or until SIGTERM or SIGINT where this is the main thread."""
    ended = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
    server = urlsplit(settings.smtp_url)
    with Sink(
        settings.state_dir / "mail",
        server.hostname or "127.0.0.1",
        server.port or 25,
        settings.mail_page_port,
    ):
        ended.wait()


class _Handler:
    def __init__(self, office: PostOffice) -> None:
        self._office = office

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        self._office.take(content.encode() if isinstance(content, str) else content or b"", envelope.rcpt_tos)
        return "250 Message accepted"


def _page_of(office: PostOffice) -> type[BaseHTTPRequestHandler]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            mails = office.mails(parse_qs(url.query).get("to", [None])[0])
            if url.path == "/mails.json":
                self._answer(200, "application/json", json.dumps([asdict(mail) for mail in mails]))
            elif url.path == "/":
                self._answer(200, "text/html; charset=utf-8", _html(mails))
            else:
                self._answer(404, "text/plain", "There is nothing here.")

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: addresses do not belong in logs."""

        def _answer(self, status: int, kind: str, text: str) -> None:
            body = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)

    return Page


def _html(mails: list[Received]) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Mail</title><style>{_STYLE}</style>'
        f"<h1>Mail</h1>{''.join(map(_article, mails)) or '<p>No mail yet.</p>'}</html>"
    )


def _article(mail: Received) -> str:
    words = (_linked(word) for word in mail.text.split(" "))
    heading = f"<h2>{html.escape(mail.subject)}</h2><small>to {html.escape(mail.to)}</small>"
    return f"<article>{heading}<pre>{' '.join(words)}</pre></article>"


def _linked(word: str) -> str:
    lines = word.split("\n")
    web = ("http://", "https://")
    return "\n".join(
        f'<a href="{html.escape(line)}">{html.escape(line)}</a>'
        if line.startswith(web)
        else html.escape(line)
        for line in lines
    )


def _read(content: bytes) -> Received:
    message = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(content)
    body = message.get_body(("plain",))
    try:
        at = parsedate_to_datetime(str(message["Date"])).timestamp()
    except ValueError:
        at = 0.0
    return Received(
        message_id=str(message["Message-ID"] or "").strip(),
        to=str(message["X-Envelope-To"] or ""),
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        at=at,
        text=body.get_content() if body is not None else "",
    )
