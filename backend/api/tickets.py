"""A customer's tickets: look, upload, cancel, fetch the result. Another's ticket looks like none at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, request

from backend.api import auth
from backend.api.links import opens
from backend.api.parts import ApiParts
from backend.api.shown import ticket_json
from backend.api.ticket_lines import ticket_line
from backend.domain.ticket import Refused, Status, Ticket, Uploaded
from backend.energy.chain_energy import chain_cost
from backend.errors import Conflict, Invalid, NotFound
from fl_nodes.protocol.wire import to_wire

LISTED = 100
UPLOAD_SECONDS = 24 * 3600.0
DOWNLOAD_SECONDS = 3600.0
_VIEWS: dict[str | None, Callable[[Ticket], dict[str, Any]]] = {None: ticket_json, "short": ticket_line}


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/tickets, and under /api/tickets/ID: decision, upload, uploaded, cancel, files."""
    routes = Blueprint("tickets", __name__, url_prefix="/api/tickets")

    @routes.get("")
    def listed() -> dict[str, Any]:
        shown = _VIEWS.get(request.args.get("view"))
        if shown is None:
            raise Invalid("ticket.view", "view must be short, or be left out.")
        mine = _listed(parts, auth.wallets(parts))
        # One more than is shown was asked for: it says whether there are more.
        following = mine[LISTED - 1].id if len(mine) > LISTED else None
        return {"tickets": [shown(ticket) for ticket in mine[:LISTED]], "next": following}

    @routes.get("/<ticket_id>")
    def shown(ticket_id: str) -> dict[str, Any]:
        ticket = readable(parts, ticket_id)
        return {"ticket": ticket_json(ticket) | {"chain": to_wire(chain_cost(ticket, parts.chain_figures))}}

    @routes.get("/<ticket_id>/decision")
    def decision(ticket_id: str) -> dict[str, Any]:
        decided = readable(parts, ticket_id).decision
        if decided is None:
            raise NotFound("decision.none", "Nothing has been decided about this ticket yet.")
        return {"decision": to_wire(decided) | {"hash": decided.hash()}}

    @routes.post("/<ticket_id>/upload")
    def upload(ticket_id: str) -> dict[str, Any]:
        ticket = own(parts, ticket_id)
        left = _uploadable(ticket, parts.clock())
        url = parts.objects.upload_url(dataset_key(ticket), min(left, UPLOAD_SECONDS), ticket.dataset.size)
        return {"url": url, "method": "PUT", "max_bytes": ticket.dataset.size}

    @routes.post("/<ticket_id>/uploaded")
    def uploaded(ticket_id: str) -> dict[str, Any]:
        ticket = own(parts, ticket_id)
        if ticket.dataset_key is None:
            _uploadable(ticket, parts.clock())
            _check_stored(parts, ticket)
            ticket = parts.tickets.advance(ticket.id, Uploaded(dataset_key(ticket)))
        return {"ticket": ticket_json(ticket)}

    @routes.post("/<ticket_id>/cancel")
    def cancel(ticket_id: str) -> dict[str, Any]:
        ticket = own(parts, ticket_id)
        refusal = Refused("ticket.cancelled", "The customer cancelled before training started.")
        return {"ticket": ticket_json(parts.tickets.advance(ticket.id, refusal))}

    @routes.get("/<ticket_id>/files")
    def files(ticket_id: str) -> dict[str, Any]:
        ticket = readable(parts, ticket_id)
        links = {
            name: {
                "url": parts.objects.download_url(file["key"], DOWNLOAD_SECONDS, name),
                "sha256": file["sha256"],
                "size": file["size"],
            }
            for name, file in (ticket.files or {}).items()
        }
        return {"files": links}

    return routes


def _listed(parts: ApiParts, wallets: tuple[str, ...]) -> list[Ticket]:
    before = request.args.get("before")
    if before is not None:
        own(parts, before)
    return parts.tickets.find(customers=wallets, limit=LISTED + 1, before=before)


def own(parts: ApiParts, ticket_id: str) -> Ticket:
    """A ticket of any wallet of who is signed in; NotFound `ticket.unknown` for another's as for none."""
    wallets = auth.wallets(parts)
    ticket = found(parts, ticket_id)
    if ticket.customer not in wallets:
        raise unknown(ticket_id)
    return ticket


def readable(parts: ApiParts, ticket_id: str) -> Ticket:
    """The ticket, for its customer or for who holds a link to it (`?token=`)."""
    token = request.args.get("token")
    if token is None:
        return own(parts, ticket_id)
    if not opens(parts.secret, token, ticket_id, parts.clock()):
        raise unknown(ticket_id)
    return found(parts, ticket_id)


def found(parts: ApiParts, ticket_id: str) -> Ticket:
    """The ticket; NotFound `ticket.unknown`, worded alike whoever asks."""
    try:
        return parts.tickets.get(ticket_id)
    except NotFound as error:
        raise unknown(ticket_id) from error


def unknown(ticket_id: str) -> NotFound:
    """The one answer about tickets that do not exist and tickets of others."""
    return NotFound("ticket.unknown", f"You have no ticket {ticket_id[:40]!r}.")


def dataset_key(ticket: Ticket) -> str:
    """Where a ticket's dataset is stored."""
    return f"datasets/{ticket.id}"


def _uploadable(ticket: Ticket, at: float) -> float:
    if ticket.status is Status.QUOTED:
        raise Conflict("ticket.not_funded", "The fee is not in escrow yet: pay first, then upload.")
    if ticket.status is not Status.FUNDED:
        raise Conflict(
            "ticket.not_funded",
            f"Ticket {ticket.id} is {ticket.status}: a dataset can be uploaded only while it is FUNDED.",
        )
    if at >= ticket.deadline:
        raise Conflict("job.expired", "The deadline has passed; the fee goes back to you.")
    return ticket.deadline - at


def _check_stored(parts: ApiParts, ticket: Ticket) -> None:
    there = parts.objects.stat(dataset_key(ticket))
    if there is None:
        raise Invalid("upload.missing", "The dataset is not in storage yet: finish the upload first.")
    if there.size != ticket.dataset.size or there.sha256 != ticket.dataset.sha256:
        parts.objects.delete(dataset_key(ticket))
        raise Invalid(
            "upload.hash",
            "The uploaded file is not the one that was quoted: its size or SHA-256 differs. Upload it again.",
        )
