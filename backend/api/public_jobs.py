"""Jobs for everybody to see: only what follows from what the chains publish; never a dataset's name, columns or classes."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, request

from backend.api.parts import ApiParts
from backend.domain.pay import pay_of
from backend.domain.ticket import Ticket
from backend.domain.ticket_record import FATES, fate
from backend.errors import Invalid, NotFound
from fl_nodes.protocol import scores
from fl_nodes.protocol.signing import bytes32
from fl_nodes.protocol.wire import to_wire

MOST = 50
_WORD = re.compile(r"0x[0-9a-fA-F]{64}")


def blueprint(parts: ApiParts) -> Blueprint:
    """GET /api/jobs and /api/jobs/JOB."""
    routes = Blueprint("public_jobs", __name__, url_prefix="/api/jobs")

    @routes.get("")
    def listed() -> dict[str, Any]:
        asked = request.args
        before = word(asked["before"]) if "before" in asked else None
        status = asked.get("status")
        if status is not None and status not in FATES:
            raise Invalid("job.status", f"Jobs are {', '.join(FATES)}, not {status[:40]!r}.")
        if "find" in asked:
            told = parts.tickets.telling(word(asked["find"]))
            return {"jobs": [row(ticket) for ticket in told], "more": False}
        found = parts.tickets.on_chain(
            statuses=None if status is None else sorted(FATES[status]),
            before=before,
            limit=MOST + 1,
        )
        return {"jobs": [row(ticket) for ticket in found[:MOST]], "more": len(found) > MOST}

    @routes.get("/<job_id>")
    def shown(job_id: str) -> dict[str, Any]:
        return {"job": facts(known(parts, job_id))}

    return routes


def word(text: str) -> str:
    """A hash of 32 bytes in lower case; Invalid `job.id`."""
    if not _WORD.fullmatch(text):
        raise Invalid("job.id", "That is no job id and no hash: expected 0x and 64 hex digits.")
    return text.lower()


def known(parts: ApiParts, job_id: str) -> Ticket:
    """The ticket of a job on chain; NotFound `job.unknown`, Invalid `job.id`."""
    ticket = parts.tickets.by_job(word(job_id))
    if ticket is None or not ticket.on_chain:
        raise NotFound("job.unknown", f"There is no job {job_id}.")
    return ticket


def row(ticket: Ticket) -> dict[str, Any]:
    """A job in one line. `accuracy_ppm` is the mean of what validators signed of its trainers' work."""
    carbon = ticket.carbon or {}
    eco = carbon.get("eco")
    return {
        "job_id": ticket.job_id,
        "status": ticket.status.value,
        "fate": fate(ticket.status),
        "customer": ticket.customer,
        "fee_wei": _fee_wei(ticket),
        "deadline": ticket.deadline,
        "rounds": len(ticket.rounds),
        "trainers": len(ticket.trainers),
        "validators": len(ticket.validators),
        "accuracy_ppm": _accuracy_ppm(ticket),
        "millijoules": carbon.get("millijoules"),
        "micrograms": carbon.get("micrograms"),
        "band_ppm": carbon.get("band_ppm"),
        "eco_score": eco["score"] if eco else None,
        "epoch": ticket.epoch.index if ticket.epoch else None,
        "opened_at": next((m.at for m in ticket.timeline), None),
        "ended_at": ticket.timeline[-1].at if ticket.timeline and fate(ticket.status) != "open" else None,
    }


def facts(ticket: Ticket) -> dict[str, Any]:
    """All that is public of a job."""
    verdict, carbon, files = ticket.verdict, ticket.carbon or {}, ticket.files or {}
    accused = verdict.culprits if verdict else ()
    told = {
        "ref": ticket.ref,
        "spec_hash": "0x" + ticket.spec.hash(),
        "dataset_hash": "0x" + ticket.dataset.sha256,
        "trainers": ticket.trainers,
        "validators": ticket.validators,
        "rounds": [{"number": r.number, "root": r.root, "updates": len(r.updates)} for r in ticket.rounds],
        "verdict": verdict,
        "pay": pay_of(ticket),
        "refund_wei": ticket.refund_wei,
        "evidence": [
            {
                "culprit": culprit,
                "accusation": (ticket.accusations or {}).get(culprit),
                "slashed_wei": (ticket.slashed or {}).get(culprit),
                "bundle": files.get(f"evidence-{culprit}.tar", {}).get("bundle"),
            }
            for culprit in accused
        ],
        "deposits_received_wei": ticket.deposits_received_wei,
        "energy": {name: carbon[name] for name in ("classes", "site", "sci", "eco") if name in carbon},
        "epoch": ticket.epoch,
        "baseline": ticket.baseline,
        "credits": ticket.credits,
        "certificate": ticket.certificate,
        "transactions": ticket.transactions,
        "timeline": [moment for moment in ticket.timeline if moment.status.value != "QUOTED"],
    }
    counts = {
        "trainers": len(ticket.trainers),
        "validators": len(ticket.validators),
        "rounds": len(ticket.rounds),
    }
    return row(ticket) | {name: to_wire(value) for name, value in told.items()} | {"counts": counts}


def _fee_wei(ticket: Ticket) -> str:
    if ticket.verdict is not None and ticket.verdict.fee_wei:
        return ticket.verdict.fee_wei
    return str(ticket.quote.fee_wei)


def _accuracy_ppm(ticket: Ticket) -> int | None:
    verdict = ticket.verdict
    if verdict is None or not verdict.scores or len(verdict.scores) != len(verdict.payees):
        return None
    work = [scores.decode(bytes32(w), p) for w, p in zip(verdict.scores, verdict.payees, strict=True)]
    return sum(of.accuracy_ppm for of in work) // len(work)
