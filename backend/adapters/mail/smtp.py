"""Mail over SMTP: `smtp://HOST`, `smtp+starttls://[USER[:PASSWORD]@]HOST`, `smtps://[USER[:PASSWORD]@]HOST`, with a port or not.

`smtp://` with a user is `smtp+starttls://`: no password goes over a line that is not encrypted.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from backend.adapters.mail.message import compose
from backend.errors import EcoError, Invalid, Recoverable
from backend.ports import Letter

SECONDS = 20.0
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_AUTHENTICATION_REQUIRED = 530


@dataclass(frozen=True)
class MailServer:
    """Where letters are handed in, and as whom."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def read(cls, url: str, password: str = "") -> MailServer:
        """From `SMTP_URL`; a `password` given beside it counts before the one in it. Invalid `settings.smtp_url`."""
        try:
            parts = urlsplit(url)
            scheme, host, port = parts.scheme, parts.hostname or "", parts.port
        except ValueError:
            scheme, host, port = "", "", None
        if scheme not in _PORTS or not host or port == 0 or parts.query or parts.path not in ("", "/"):
            raise Invalid(
                "settings.smtp_url",
                "SMTP_URL must be smtp://, smtp+starttls:// or smtps:// with a host, and user and password percent-encoded.",
            )
        user, secret = unquote(parts.username or ""), password or unquote(parts.password or "")
        if secret and not user:
            raise Invalid(
                "settings.smtp_url", "SMTP_URL names no user for the mail password: smtps://USER@HOST."
            )
        if user and not secret:
            raise Invalid(
                "settings.smtp_url",
                "SMTP_URL names a user without a password: add it there or in ECODML_SMTP_PASSWORD_FILE.",
            )
        if not (user + secret).isascii():
            raise Invalid(
                "settings.smtp_url", "The mail server's user and password can hold ASCII characters only."
            )
        if user and scheme == "smtp":
            scheme = "smtp+starttls"
        return cls(scheme, host, port or _PORTS[scheme], user, secret)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class SmtpMail:
    """`ports.Mail`. Encrypted lines are verified against the certificates that this process trusts.

    What a person can mend (a password, a certificate, a server that is down or full) is Recoverable, so that the letter
    waits; only what was said of the letter itself is Invalid. A letter that may have been taken already goes again with the
    same Message-ID.
    """

    def __init__(self, url: str, sender: str, password: str = "") -> None:
        self._server = MailServer.read(url, password)
        self._sender = sender

    def send(self, letter: Letter) -> None:
        """Hand to the mail server.

        Recoverable `mail.unreachable`, `mail.certificate`, `mail.no_tls`, `mail.credentials`, `mail.sender`,
        `mail.deferred`, `mail.cut` (try again), Invalid `mail.refused` or `mail.header` (it will never be taken).
        """
        message = compose(letter, self._sender)
        with self._line() as line:
            try:
                line.send_message(message)
            except smtplib.SMTPSenderRefused as error:
                raise _sender_refused(error) from error
            except smtplib.SMTPRecipientsRefused as error:
                raise _refusal(*next(iter(error.recipients.values()))) from error
            except smtplib.SMTPNotSupportedError as error:
                raise Invalid("mail.refused", f"The mail server cannot take this letter: {error}.") from error
            except smtplib.SMTPResponseException as error:
                raise _refusal(error.smtp_code, error.smtp_error) from error
            except (smtplib.SMTPException, OSError) as error:
                sentence = "The mail server hung up before it said whether it took the letter, which will be sent again."
                raise Recoverable("mail.cut", sentence) from error

    def probe(self) -> str:
        """What a health page says of the server, signed in as for a letter; the Recoverable errors of `send`."""
        with self._line():
            return str(self._server)

    @contextmanager
    def _line(self) -> Iterator[smtplib.SMTP]:
        """A connection, encrypted and signed in as the settings ask."""
        try:
            line = self._connect()
        except ssl.SSLCertVerificationError as error:
            raise self._not_trusted(error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise self._unreachable(error) from error
        try:
            self._secure(line)
            yield line
        finally:
            # After an answer to the letter nothing that goes wrong with the goodbye may change what it was.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                line.quit()
            line.close()

    def _connect(self) -> smtplib.SMTP:
        host, port = self._server.host, self._server.port
        if self._server.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, timeout=SECONDS)

    def _secure(self, line: smtplib.SMTP) -> None:
        try:
            if self._server.scheme == "smtp+starttls":
                self._start_tls(line)
            if self._server.user:
                self._sign_in(line)
        except ssl.SSLCertVerificationError as error:
            raise self._not_trusted(error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise self._unreachable(error) from error

    def _start_tls(self, line: smtplib.SMTP) -> None:
        try:
            line.starttls(context=ssl.create_default_context())
        except (smtplib.SMTPNotSupportedError, smtplib.SMTPResponseException) as error:
            sentence = f"The mail server {self._server} offers no STARTTLS: it is sent neither letters nor a password."
            raise Recoverable("mail.no_tls", sentence) from error

    def _sign_in(self, line: smtplib.SMTP) -> None:
        """The library's own errors may repeat what was said, the password included: none is the cause of ours."""
        try:
            line.login(self._server.user, self._server.password)
        except smtplib.SMTPAuthenticationError as error:
            if error.smtp_code < 500:
                raise _refusal(error.smtp_code, error.smtp_error) from None
            sentence = f"The mail server {self._server} does not accept our user and password."
            raise Recoverable("mail.credentials", sentence) from None
        except (smtplib.SMTPServerDisconnected, OSError):
            raise
        except smtplib.SMTPException:
            sentence = f"The mail server {self._server} takes no password in a way that we know."
            raise Recoverable("mail.credentials", sentence) from None

    def _not_trusted(self, error: ssl.SSLCertVerificationError) -> Recoverable:
        return Recoverable(
            "mail.certificate",
            f"The certificate of the mail server {self._server} is not valid: {error.verify_message.rstrip('.')}.",
        )

    def _unreachable(self, error: Exception) -> Recoverable:
        return Recoverable("mail.unreachable", f"The mail server {self._server} cannot be reached: {error}.")


def _sender_refused(error: smtplib.SMTPSenderRefused) -> EcoError:
    if error.smtp_code < 500:
        return _refusal(error.smtp_code, error.smtp_error)
    if error.smtp_code == _AUTHENTICATION_REQUIRED:
        return _refusal(error.smtp_code, error.smtp_error)
    said = _said(error.smtp_code, error.smtp_error)
    return Recoverable("mail.sender", f"The mail server takes no letters from ECODML_MAIL_FROM: {said}.")


def _refusal(code: int, text: bytes | str) -> EcoError:
    if code == _AUTHENTICATION_REQUIRED:
        return Recoverable(
            "mail.credentials", "The mail server wants a user and a password: SMTP_URL has none."
        )
    if 500 <= code < 600:
        return Invalid("mail.refused", f"The mail server refused the letter: {_said(code, text)}.")
    return Recoverable("mail.deferred", f"The mail server wants the letter later: {_said(code, text)}.")


def _said(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}".rstrip(".")
