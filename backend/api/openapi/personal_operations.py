"""What somebody in particular may ask: signing in, one's account, tickets, nodes, and the market's overseers. By endpoint."""

from __future__ import annotations

from typing import Any

from backend.api.account_requests import (
    AddressRequest,
    EmailAndPassword,
    EmailRequest,
    LinkRequest,
    LoginRequest,
    PasswordRequest,
    ResetRequest,
    SessionRequest,
    VerifyRequest,
)
from backend.api.admin import Retry
from backend.api.openapi.answers import purse
from backend.api.openapi.operation import Operation, Who
from backend.api.openapi.shapes import (
    DOCUMENT,
    FLAG,
    NUMBER,
    TEXT,
    WHOLE,
    Schema,
    Shapes,
    by_name,
    many,
    maybe,
    ref,
    thing,
)
from backend.api.schemas import InvitationRequest, QuoteRequest
from backend.domain.decision import Decision
from backend.domain.machine import Machine

_OK = ref("Ok")


def operations(shapes: Shapes) -> dict[str, Operation]:
    """By endpoint."""
    return {**_signing_in(), **_account(), **_tickets(shapes), **_providing(shapes), **_overseeing()}


def _signing_in() -> dict[str, Operation]:
    by_token = thing(token=TEXT, address=TEXT) | {"required": ["address"]}
    verified = thing(ok=FLAG, email=maybe(TEXT))
    session = thing(user=maybe(ref("User")), csrf=maybe(TEXT))
    return {
        "sessions.nonce": Operation("A nonce for a sign-in text, good once.", {200: thing(nonce=TEXT)}),
        "sessions.login": Operation("Sign in with a wallet.", {200: by_token}, takes=LoginRequest),
        "sessions.logout": Operation("End this session.", {200: _OK}, who=Who.SESSION),
        "sessions.session": Operation("Who is signed in.", {200: session}),
        "sign_up.sign_up": Operation("Make an account by e-mail.", {202: _OK}, takes=EmailAndPassword),
        "sign_up.verify": Operation(
            "Answer a letter.", {200: verified}, takes=VerifyRequest, refuses=(403, 404, 409)
        ),
        "passwords.sign_in": Operation("Sign in by e-mail.", {200: _OK}, takes=EmailAndPassword),
        "passwords.forgot": Operation("Ask for a new password.", {202: _OK}, takes=EmailRequest),
        "passwords.reset": Operation(
            "Set a new password.", {200: _OK}, takes=ResetRequest, refuses=(404, 409)
        ),
    }


def _account() -> dict[str, Operation]:
    wallets = thing(wallets=many(TEXT))
    session = thing(id=TEXT, current=FLAG, opened=NUMBER, until=NUMBER, agent=TEXT, address=maybe(TEXT))

    def own(summary: str, status: int, answer: Schema, takes: type | None = None, *refuses: int) -> Operation:
        return Operation(summary, {status: answer}, Who.SESSION, takes, refuses=refuses)

    return {
        "account.claim": own("Ask for another e-mail address.", 202, _OK, EmailRequest),
        "account.password": own("Change the password.", 200, _OK, PasswordRequest, 409),
        "account.link": own("Link a wallet.", 200, wallets, LinkRequest, 409),
        "account.unlink": own("Unlink a wallet.", 200, wallets, AddressRequest, 404, 409),
        "account.use": own(
            "Let this session act for a wallet.", 200, thing(address=TEXT), AddressRequest, 404
        ),
        "account.sessions": own("Sessions that live.", 200, thing(sessions=many(session))),
        "account.end": own("End one session.", 200, _OK, SessionRequest, 404),
        "account.end_all": own("Sign out everywhere.", 200, _OK),
    }


def _tickets(shapes: Shapes) -> dict[str, Operation]:
    files = thing(files=by_name(ref("File")))
    decision = thing(**shapes.fields(Decision), hash=TEXT)
    url = thing(url=TEXT, method={"const": "PUT"}, max_bytes=WHOLE)
    lines: Schema = {"anyOf": [many(ref("Ticket")), many(ref("TicketLine"))]}
    offer = thing(
        ticket=ref("Ticket"), payment=ref("Payment"), quote=ref("QuoteTold"), published=many(DOCUMENT)
    )
    ticket = thing(ticket=ref("Ticket"))

    def own(summary: str, answer: Schema, who: Who = Who.SESSION, *refuses: int, **more: Any) -> Operation:
        return Operation(summary, {200: answer}, who, refuses=refuses, **more)

    return {
        "quotes.quotes": Operation(
            "Ask for an offer; it is kept as a ticket.", {201: offer}, Who.WALLET, QuoteRequest
        ),
        "tickets.listed": own(
            "One's tickets, the newest first.",
            thing(tickets=lines, next=maybe(TEXT)),
            Who.SESSION,
            404,
            query={"before": TEXT, "view": {"enum": ["short"]}},
        ),
        "tickets.shown": own("One ticket.", thing(ticket=ref("OneTicket")), Who.LINK),
        "tickets.decision": own("How its nodes were chosen.", thing(decision=decision), Who.LINK),
        "tickets.upload": own("A signed URL for the dataset.", url, Who.SESSION, 409),
        "tickets.uploaded": own("Say that the dataset is there.", ticket, Who.SESSION, 409),
        "tickets.cancel": own("Cancel before training starts.", ticket, Who.SESSION, 409),
        "tickets.files": own("Signed URLs of the result's files.", files, Who.LINK),
    }


def _providing(shapes: Shapes) -> dict[str, Operation]:
    accusation = thing(
        job_id=TEXT, state=TEXT, contest_until=WHOLE, bundle=maybe(TEXT), slashed_wei=maybe(TEXT)
    )
    mine = thing(provider=TEXT, known=FLAG, purse=purse(shapes), accusations=many(accusation))
    invitation = thing(provider=TEXT, name=TEXT, role=TEXT, invitation=TEXT, until=WHOLE)
    machines = thing(machines=many(shapes.of(Machine)))
    return {
        "provider.own": Operation("A provider's money and accusations.", {200: mine}, Who.WALLET),
        "invitations.invited": Operation(
            "An invitation for a machine.", {201: invitation}, Who.WALLET, InvitationRequest, refuses=(409,)
        ),
        "invitations.waiting": Operation("Machines that wait to be registered.", {200: machines}, Who.WALLET),
    }


def _overseeing() -> dict[str, Operation]:
    return {
        "admin.overview": Operation(
            "What those who run the market look at.", {200: ref("Overview")}, Who.OVERSEER
        ),
        "admin.retry": Operation(
            "Try an effect again that was given up.", {200: _OK}, Who.OVERSEER, Retry, refuses=(409,)
        ),
    }
