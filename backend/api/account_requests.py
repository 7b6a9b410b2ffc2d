"""What requests about sessions and accounts contain."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LinkRequest:
    """POST /api/account/wallets: an EIP-4361 text and the wallet's signature of it."""

    message: str
    signature: str


@dataclass(frozen=True)
class LoginRequest(LinkRequest):
    """POST /api/auth/login; with `cookie` the session goes into one, else its token into the answer."""

    cookie: bool = False


@dataclass(frozen=True)
class EmailAndPassword:
    """POST /api/auth/sign-up and /api/auth/sign-in."""

    email: str
    password: str


@dataclass(frozen=True)
class EmailRequest:
    """POST /api/auth/forgot and /api/account/email."""

    email: str


@dataclass(frozen=True)
class VerifyRequest:
    """POST /api/auth/verify; the password where nobody is signed in."""

    token: str
    password: str | None = None


@dataclass(frozen=True)
class ResetRequest:
    """POST /api/auth/reset."""

    token: str
    password: str


@dataclass(frozen=True)
class PasswordRequest:
    """POST /api/account/password; the present one where there is one."""

    password: str
    current: str | None = None


@dataclass(frozen=True)
class AddressRequest:
    """POST /api/account/wallets/unlink and /use."""

    address: str


@dataclass(frozen=True)
class SessionRequest:
    """POST /api/account/sessions/end."""

    id: str
