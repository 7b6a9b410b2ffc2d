"""Mail over SMTP: `smtp://HOST[:PORT]`, `smtp+starttls://[USER:PASSWORD@]HOST[:PORT]`, `smtps://[USER:PASSWORD@]HOST[:PORT]`."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import AbstractContextManager
from urllib.parse import SplitResult, unquote, urlsplit

from backend.adapters.mail.message import compose
from backend.errors import Invalid, Recoverable
from backend.ports import Letter

SECONDS = 20.0
_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


class SmtpMail:
    """`ports.Mail`. Plain `smtp://` is for a local relay: no encryption, no password."""

    def __init__(self, url: str, sender: str) -> None:
        self._server = _parse(url)
        self._sender = sender

    def send(self, letter: Letter) -> None:
        """Hand to the mail server.

        Recoverable `mail.unreachable`, `mail.deferred`, `mail.credentials` (try again), Invalid `mail.refused` or
        `mail.header` (it will never be taken).
        """
        message = compose(letter, self._sender)
        try:
            with self._connect() as connection:
                if self._server.scheme == "smtp+starttls":
                    connection.starttls(context=ssl.create_default_context())
                if self._server.username:
                    connection.login(unquote(self._server.username), unquote(self._server.password or ""))
                connection.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _refusal(code, text) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Invalid("mail.refused", f"The mail server cannot take this letter: {error}.") from error
        except smtplib.SMTPAuthenticationError as error:
            raise Recoverable("mail.credentials", "The mail server does not accept our password.") from error
        except (smtplib.SMTPConnectError, smtplib.SMTPHeloError) as error:
            raise Recoverable("mail.unreachable", f"The mail server turned us away: {error}.") from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Recoverable("mail.unreachable", f"The mail server cannot be reached: {error}.") from error

    def probe(self) -> str:
        """What a health page says of the server; Recoverable `mail.unreachable`."""
        try:
            with self._connect() as connection:
                connection.noop()
        except (smtplib.SMTPException, OSError) as error:
            raise Recoverable("mail.unreachable", f"The mail server cannot be reached: {error}.") from error
        return f"{self._server.hostname}:{self._server.port or _PORTS[self._server.scheme]}"

    def _connect(self) -> AbstractContextManager[smtplib.SMTP]:
        host, port = self._server.hostname or "", self._server.port or _PORTS[self._server.scheme]
        if self._server.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=ssl.create_default_context())
        return smtplib.SMTP(host, port, timeout=SECONDS)


def _parse(url: str) -> SplitResult:
    parts = urlsplit(url)
    try:
        usable = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise Invalid(
            "settings.smtp_url", "SMTP_URL must be smtp://, smtp+starttls:// or smtps:// with a host."
        )
    if parts.username and parts.scheme == "smtp":
        raise Invalid(
            "settings.smtp_url", "A mail password needs smtp+starttls:// or smtps://, not plain smtp://."
        )
    return parts


def _refusal(code: int, text: bytes | str) -> Invalid | Recoverable:
    said = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    if 500 <= code < 600:
        return Invalid("mail.refused", f"The mail server refused the letter: {said}.")
    return Recoverable("mail.deferred", f"The mail server wants the letter later: {said}.")
