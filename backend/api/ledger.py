"""The energy ledger's epochs, for everyone to see, and the papers behind them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from backend.api.parts import ApiParts
from backend.energy.epochs import papers_key
from backend.errors import Invalid, NotFound
from fl_nodes.protocol.ledger_epoch import SealedEpoch, epoch_document, weight_of
from fl_nodes.protocol.wire import to_wire

MOST = 50
DOWNLOAD_SECONDS = 600.0


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/ledger/epochs, /api/ledger/epochs/INDEX and /api/ledger/jobs/JOB."""
    routes = Blueprint("ledger", __name__, url_prefix="/api/ledger")

    @routes.get("/epochs")
    def listed() -> dict[str, Any]:
        asked = request.args.get("before")
        return newest_epochs(parts, MOST, None if asked is None else _number(asked))

    @routes.get("/epochs/<index>")
    def one(index: str) -> dict[str, Any]:
        sealed = parts.ledger.epoch(_number(index))
        return {"epoch": _shown(parts, sealed) | _sealing(parts, sealed) | {"papers": _papers(parts, sealed)}}

    @routes.get("/jobs/<job_id>")
    def of_job(job_id: str) -> dict[str, Any]:
        ticket = parts.tickets.by_job(job_id.lower())
        if ticket is None or ticket.epoch is None:
            raise NotFound("ledger.not_sealed", f"No epoch of the energy ledger holds job {job_id}.")
        return {"job_id": ticket.job_id, **to_wire(ticket.epoch)}

    return routes


def newest_epochs(parts: ApiParts, most: int, before: int | None = None) -> dict[str, Any]:
    """`count` of all epochs, and at most so many of them, the newest first, of those before a number."""
    count = parts.ledger.head().index
    last = count if before is None else min(before, count)
    numbers = range(last - 1, max(last - 1 - most, -1), -1)
    return {"count": count, "epochs": [_shown(parts, parts.ledger.epoch(index)) for index in numbers]}


def _shown(parts: ApiParts, sealed: SealedEpoch) -> dict[str, Any]:
    return {
        **to_wire(sealed.terms),
        "proposer": sealed.proposer,
        "sealed_at": sealed.sealed_at,
        "final": parts.ledger.is_final(sealed.terms.index),
    }


def _sealing(parts: ApiParts, sealed: SealedEpoch) -> dict[str, Any]:
    try:
        how = parts.ledger.sealing(sealed.terms.index)
    except NotFound:
        return {"jobs": None, "signed": None}
    document = epoch_document(parts.ledger.chain_id, parts.ledger.address, sealed.terms)
    found = (parts.signatures.typed_signer(document, signature) for signature in how.signatures)
    keys = sorted({key for key in found if key})
    signed = {
        "keys": len(keys),
        "weight": str(weight_of(keys, how.members)),
        "total_weight": str(sum(member.weight for member in how.members)),
    }
    return {"jobs": [to_wire(job) for job in how.jobs], "signed": signed}


def _papers(parts: ApiParts, sealed: SealedEpoch) -> dict[str, Any] | None:
    key = papers_key(sealed.terms)
    stored = parts.objects.stat(key)
    if stored is None:
        return None
    url = parts.objects.download_url(key, DOWNLOAD_SECONDS, key.rpartition("/")[2])
    return {"url": url, "sha256": stored.sha256, "size": stored.size}


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise Invalid("ledger.index", "Epochs of the energy ledger are numbered 0, 1, 2 and so on.")
    return int(text)
