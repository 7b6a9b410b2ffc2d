"""Every error this product raises on purpose.

EcoError
  Invalid         the caller's input cannot be accepted (HTTP 400, exit 2)
    Forbidden     the caller may not do this (HTTP 403)
    NotFound      nothing by that name (HTTP 404)
  Conflict        the thing has changed or is already done (HTTP 409)
  Recoverable     try again later; nothing was lost (HTTP 503)
    NotYet        it becomes possible after a known time
  Unrecoverable   stop and look: a promise of the system does not hold (HTTP 500)

`code` is stable and dotted (`dataset.one_class`), `message` one clear sentence. Adapters translate the errors of
their libraries into these.
"""

from __future__ import annotations


class EcoError(Exception):
    """An error with a stable code and one sentence for a person."""

    status = 500

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message


class Invalid(EcoError):
    """The caller's input cannot be accepted."""

    status = 400


class Forbidden(Invalid):
    """The caller may not do this."""

    status = 403


class NotFound(Invalid):
    """Nothing by that name."""

    status = 404


class Conflict(EcoError):
    """The thing has changed or is already done."""

    status = 409


class Recoverable(EcoError):
    """Try again later; nothing was lost."""

    status = 503


class NotYet(Recoverable):
    """It becomes possible in about `wait_s` seconds."""

    def __init__(self, code: str, message: str, wait_s: float) -> None:
        super().__init__(code, message)
        self.wait_s = wait_s


class Unrecoverable(EcoError):
    """A promise of the system does not hold: stop and look."""

    status = 500


OTHER_CHAIN = ("chain.reset", "chain.wrong")
EX_CONFIG = 78


def exit_status(error: EcoError) -> int:
    """Of a server process that this error ends: 78 (EX_CONFIG) where starting it again does not help, else 1."""
    return EX_CONFIG if error.code in OTHER_CHAIN else 1
