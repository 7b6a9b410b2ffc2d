"""What anybody may ask: the network, its jobs, its ledger and credits, prices, and files by signed URLs. By endpoint."""

from __future__ import annotations

from backend.api.openapi.answers import bundle
from backend.api.openapi.operation import Operation, Who
from backend.api.openapi.shapes import (
    DOCUMENT,
    FLAG,
    NUMBER,
    SHA256,
    TEXT,
    WEI,
    WHOLE,
    WORD,
    Schema,
    Shapes,
    by_name,
    many,
    maybe,
    ref,
    thing,
)
from backend.api.schemas import FaucetRequest, PriceRequest
from backend.domain.credits import Certificate, Holding
from backend.domain.intensity import Intensity
from backend.domain.ticket_record import FATES, CertificateRecord
from backend.verification.rating_history import Rated
from fl_nodes.protocol.invitation import InvitationAnswer

HTML, BYTES, PLAIN = "text/html", "application/octet-stream", "text/plain"
_SIGNATURE: dict[str, Schema] = {"expires": WHOLE, "sig": TEXT, "max": WHOLE, "filename": TEXT}


def operations(shapes: Shapes) -> dict[str, Operation]:
    """By endpoint."""
    return {**_network(shapes), **_jobs(shapes), **_carbon(shapes), **_files(), **_pages()}


def _network(shapes: Shapes) -> dict[str, Operation]:
    part = ref("Part")
    health = thing(status={"enum": ["ok", "degraded"]}, parts=by_name(part))
    well = thing(status={"const": "ok"})
    shown = thing(node=ref("Node"), jobs=many(ref("NodeJob")), eco=maybe(ref("NodeEco")))
    intensity = shapes.of(Intensity)
    hours: Schema = {"type": "integer", "minimum": 1, "maximum": 72, "default": 24}
    return {
        "configuration.config": Operation(
            "What a client needs to know of this network first.", {200: ref("Config")}
        ),
        "health.health": Operation("Whether every part of the system is there.", {200: health}),
        "health.live": Operation(
            "Whether this process answers: an orchestrator restarts one that does not.", {200: well}
        ),
        "health.ready": Operation(
            "Whether requests can be served here: 503 without the database.", {200: well}
        ),
        "network.network": Operation("The network in figures, and how old they are.", {200: ref("Network")}),
        "nodes.listed": Operation("All registered nodes.", {200: thing(nodes=many(ref("Node")))}),
        "nodes.shown": Operation("A node, its jobs and its Eco Score.", {200: shown}),
        "nodes.ratings": Operation(
            "What moved a node's rating.", {200: thing(ratings=many(shapes.of(Rated)))}
        ),
        "invitations.named": Operation(
            "Whether a node may have this name.", {200: thing(name=TEXT, valid=FLAG, free=FLAG)}
        ),
        "invitations.answered": Operation(
            "A machine asks to be a provider's node.",
            {200: thing(code=TEXT)},
            takes=InvitationAnswer,
            refuses=(403, 409),
        ),
        "intensity.shown": Operation(
            "What a zone's grid emits, now and in the hours ahead.",
            {200: thing(known=FLAG, now=intensity, ahead=many(intensity))},
            query={"hours": hours},
        ),
        "faucet.faucet": Operation(
            "Coins for trying things, on local chains only.",
            {200: thing(dml_wei=WEI, native_wei=WEI)},
            takes=FaucetRequest,
            refuses=(403, 409),
        ),
        "quotes.prices": Operation(
            "What a training would cost; nothing is kept.",
            {200: thing(quote=ref("QuoteTold"), deadline_seconds=WHOLE)},
            takes=PriceRequest,
        ),
        "metrics.metrics": Operation("Prometheus' text.", {200: TEXT}, media=PLAIN),
        "description.document": Operation("This description.", {200: DOCUMENT}),
    }


def _jobs(shapes: Shapes) -> dict[str, Operation]:
    event = thing(
        chain=TEXT, contract=TEXT, name=TEXT, args=DOCUMENT, block=WHOLE, log_index=WHOLE, tx=TEXT, at=NUMBER
    )
    events = thing(job_id=TEXT, events=many(event), blocks=by_name(WHOLE), complete=FLAG)
    status: Schema = {"enum": sorted(FATES)}
    certificate = thing(job_id=TEXT, certificate=shapes.of(CertificateRecord))
    return {
        "public_jobs.listed": Operation(
            "Jobs that were paid for, the newest first.",
            {200: thing(jobs=many(ref("JobRow")), more=FLAG)},
            query={"before": WORD, "status": status, "find": WORD},
        ),
        "public_jobs.shown": Operation("All that is public of a job.", {200: thing(job=ref("Job"))}),
        "job_audits.audited": Operation("What `ecodml audit` checks, by this server.", {200: ref("Audit")}),
        "job_audits.checked": Operation(
            "What `ecodml certificate verify` checks, by this server.", {200: ref("CertificateCheck")}
        ),
        "job_events.events": Operation("What both chains say of a job.", {200: events}),
        "certificates.certificate": Operation("A job's green certificate.", {200: certificate}),
        "evidence.evidence": Operation(
            "The bundles of a job's accusations, for those whom they concern.",
            {200: thing(bundles=many(bundle()))},
            who=Who.WALLET,
        ),
        "published.files": Operation(
            "The files of a published training.", {200: thing(files=by_name(ref("File")))}, who=Who.SESSION
        ),
    }


def _carbon(shapes: Shapes) -> dict[str, Operation]:
    index: Schema = {"type": "integer", "minimum": 0}
    retired = shapes.of(Certificate)
    holdings = thing(
        unit=TEXT, account=maybe(TEXT), holdings=many(shapes.of(Holding)), certificates=many(retired)
    )
    return {
        "ledger.listed": Operation(
            "The energy ledger's epochs, the newest first.",
            {200: thing(count=WHOLE, epochs=many(ref("Epoch")))},
            query={"before": index},
        ),
        "ledger.one": Operation("An epoch, and the papers behind it.", {200: thing(epoch=ref("OneEpoch"))}),
        "ledger.of_job": Operation(
            "The epoch that holds a job's readings.",
            {200: thing(job_id=TEXT, index=WHOLE, hash=TEXT, tx=TEXT)},
        ),
        "eco_credits.listed": Operation(
            "What an account holds, and what was used up.", {200: holdings}, query={"account": TEXT}
        ),
        "eco_credits.certificate": Operation("One retirement.", {200: thing(unit=TEXT, certificate=retired)}),
    }


def _files() -> dict[str, Operation]:
    raw: Schema = {"type": "string", "format": "binary"}
    stored = thing(size=WHOLE, sha256=SHA256)
    return {
        "objects.read": Operation(
            "An object, or ranges of it.",
            {200: raw, 206: raw, 304: None},
            who=Who.SIGNED,
            query=_SIGNATURE,
            headers={"Range": TEXT, "If-None-Match": TEXT, "If-Range": TEXT},
            refuses=(416,),
            media=BYTES,
        ),
        "objects.write": Operation(
            "An object, whole or in slices.",
            {201: stored, 308: None},
            who=Who.SIGNED,
            query=_SIGNATURE,
            headers={"Content-Range": TEXT},
            refuses=(400, 409),
        ),
        "objects.preflight": Operation("What pages of other origins may send.", {204: None}),
        "downloads.download": Operation(
            "A lasting link to a result file, which leads to a signed URL.", {302: None}, who=Who.HOLDER
        ),
        "pages.static": Operation("A file of the pages.", {200: raw, 304: None}, media="*/*"),
        "pages.vendor": Operation("A library that the pages use.", {200: raw, 304: None}, media="*/*"),
    }


def _pages() -> dict[str, Operation]:
    return {"pages.page": Operation("A page.", {200: TEXT, 304: None}, media=HTML)}
