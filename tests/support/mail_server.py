"""A mail server as on the Internet: TLS, a user and a password; and one that answers as a test says."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from backend.adapters.mail.sink import PostOffice
from tests.support.certificates import Identity
from tests.support.mongod import free_port

USER = "ecodml@example.com"
PASSWORD = "p@ss/word:%# &"


class _Handler:
    def __init__(self, office: PostOffice) -> None:
        self._office = office

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self._office.take(bytes(envelope.content or b""), envelope.rcpt_tos)
        return "250 taken"


class _ImplicitTls(Controller):
    def factory(self) -> SMTP:
        # It cannot see that the line is encrypted from the first byte on, and would warn.
        told = {"auth_require_tls": False, "auth_required": False}
        server = SMTP(self.handler, **self.SMTP_kwargs | told)
        server._auth_required = True
        return server


class GuardedMailServer:
    """Takes letters from `USER` with `PASSWORD` over TLS: from the first byte on (`smtps`), or by STARTTLS."""

    def __init__(self, folder: Path, identity: Identity, implicit: bool) -> None:
        self.office = PostOffice(folder)
        self.port = free_port()
        self.scheme = "smtps" if implicit else "smtp+starttls"
        self.logins: list[bytes] = []
        tls = {"ssl_context": identity.context()} if implicit else {"tls_context": identity.context()}
        kind = _ImplicitTls if implicit else Controller
        self._controller = kind(
            _Handler(self.office),
            hostname="127.0.0.1",
            port=self.port,
            auth_required=True,
            require_starttls=not implicit,
            authenticator=self._check,
            **tls,
        )

    def url(self, password: str | None = PASSWORD) -> str:
        """`SMTP_URL` for it."""
        secret = f":{quote(password, safe='')}" if password else ""
        return f"{self.scheme}://{quote(USER, safe='')}{secret}@127.0.0.1:{self.port}"

    def _check(self, _s: object, _n: object, _e: object, _mechanism: str, told: object) -> AuthResult:
        assert isinstance(told, LoginPassword)
        self.logins.append(told.login)
        good = (told.login, told.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=good, handled=False)

    def __enter__(self) -> GuardedMailServer:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()


@contextmanager
def scripted(answers: Sequence[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """(URL, verbs heard) of a server that answers a verb as the next of `answers` for it says, 250 else; `hang up` ends the line.

    The verb `.` is the end of a letter.
    """
    heard: list[str] = []
    waiting = list(answers)

    def answer(verb: str) -> str:
        for pair in waiting:
            if pair[0] == verb:
                waiting.remove(pair)
                return pair[1]
        return {"DATA": "354 go on", "QUIT": "221 bye", "EHLO": "250-test\r\n250 STARTTLS"}.get(
            verb, "250 ok"
        )

    def converse(line: socket.socket) -> None:
        with line, line.makefile("rwb") as file, contextlib.suppress(OSError):
            file.write(b"220 test\r\n")
            file.flush()
            in_letter = False
            for raw in file:
                text = raw.decode().rstrip("\r\n")
                if in_letter and text != ".":
                    continue
                verb = text.split(" ")[0].upper()
                heard.append(verb)
                said = answer(verb)
                if said == "hang up":
                    return
                in_letter = verb == "DATA" and said.startswith("354")
                file.write(said.encode() + b"\r\n")
                file.flush()
                if verb == "QUIT":
                    return

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                converse(listener.accept()[0])

    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=serve, name="scripted-mail", daemon=True)
    thread.start()
    try:
        yield f"smtp://127.0.0.1:{listener.getsockname()[1]}", heard
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)
