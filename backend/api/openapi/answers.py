"""What the API answers with, by name: from the dataclasses shown where there are any, else as the routes put it together."""

from __future__ import annotations

from backend.api.openapi import public_answers as public
from backend.api.openapi.shapes import (
    DOCUMENT,
    FLAG,
    NUMBER,
    SHA256,
    TEXT,
    WEI,
    WHOLE,
    Schema,
    Shapes,
    by_name,
    many,
    maybe,
    ref,
    thing,
)
from backend.domain.credits import Certificate
from backend.domain.estimate import Estimate
from backend.domain.node import Node
from backend.domain.oversight import Stuck
from backend.domain.purse import Purse
from backend.domain.ticket import RoundRecord, Status, Ticket
from backend.domain.ticket_record import Moment, Refusal
from backend.energy.chain_energy import ChainCost
from backend.energy.eco_score import EcoInputs
from backend.ports import TroubledEffect
from fl_nodes.protocol.pay import Pay
from fl_nodes.protocol.payout import Weights

_NEVER_SHOWN = ("architecture", "email", "dataset_key", "selected", "attempt", "rounds")
"""What a ticket keeps to itself, and what it shows otherwise."""


def keep_all(shapes: Shapes) -> None:
    """Keep every answer that has a name."""
    error = thing(
        code={"type": "string", "pattern": "^[a-z0-9_]+(\\.[a-z0-9_]+)+$"},
        message={"type": "string", "minLength": 1},
        request={"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"},
    )
    shapes.keep("Error", thing(error=error) | {"description": "A stable dotted code and one sentence."})
    shapes.keep("Ok", thing(ok={"const": True}))
    shapes.keep("Quote", thing(data_wei=WEI, compute_wei=WEI, fee_wei=WEI))
    told = thing(data=TEXT, compute=TEXT, fee=TEXT)
    shapes.keep("QuoteTold", thing(data_wei=WEI, compute_wei=WEI, fee_wei=WEI, formula=told))
    shapes.keep("File", thing(url=TEXT, sha256=SHA256, size=WHOLE))
    shapes.keep("Part", thing(ok=FLAG, detail=TEXT, seen=maybe(NUMBER), alive=maybe(WHOLE)))
    shapes.keep("Ticket", thing(**_ticket(shapes)))
    shapes.keep("OneTicket", thing(**_ticket(shapes), chain=shapes.of(ChainCost)))
    shapes.keep("TicketLine", _ticket_line(shapes))
    shapes.keep("Payment", _payment())
    shapes.keep("Node", thing(**shapes.fields(Node), available=FLAG))
    shapes.keep("NodeEco", _eco(shapes, jobs=WHOLE))
    shapes.keep("NodeJob", _node_job(shapes))
    shapes.keep("User", _user())
    shapes.keep("Config", public.config())
    shapes.keep("Network", public.network())
    shapes.keep("JobRow", thing(**public.row()))
    shapes.keep("Job", thing(**(public.row() | public.job(shapes))))
    shapes.keep("Audit", public.audit(shapes))
    shapes.keep("CertificateCheck", public.check())
    shapes.keep("Epoch", thing(**public.epoch(shapes)))
    shapes.keep("OneEpoch", public.one_epoch(shapes))
    shapes.keep("Overview", _overview(shapes))
    shapes.of(Certificate)


def _ticket(shapes: Shapes) -> dict[str, Schema]:
    rounds = thing(**shapes.fields(RoundRecord, "model_key", "state_key", "state_sha256"))
    facts = {"sha256": SHA256, "size": WHOLE, "bundle": TEXT}
    return shapes.fields(Ticket, *_NEVER_SHOWN) | {
        "quote": ref("Quote"),
        "fee_wei": WEI,
        "decision": maybe(
            thing(policy=TEXT, at=WHOLE, start_at=WHOLE, waits=FLAG, reasons=many(TEXT), hash=TEXT)
        ),
        "rounds": many(rounds),
        "files": by_name(thing(**facts) | {"required": ["sha256", "size"]}),
        "estimate": maybe(shapes.of(Estimate)),
        "pay": maybe(shapes.of(Pay)),
        "privacy": maybe(DOCUMENT),
    }


def _ticket_line(shapes: Shapes) -> Schema:
    totals = thing(
        millijoules=WHOLE, micrograms=WHOLE, band_ppm=WHOLE, classes=DOCUMENT, eco_score=maybe(NUMBER)
    )
    return thing(
        id=TEXT,
        job_id=TEXT,
        customer=TEXT,
        status=shapes.of(Status),
        dataset=thing(name=TEXT, rows=WHOLE, size=WHOLE),
        spec=thing(model=TEXT, rounds=WHOLE, publish=FLAG),
        rounds=WHOLE,
        fee_wei=WEI,
        refund_wei=maybe(WEI),
        deadline=WHOLE,
        refusal=maybe(shapes.of(Refusal)),
        accuracy=maybe(NUMBER),
        carbon=maybe(totals),
        timeline=many(shapes.of(Moment)),
        version=WHOLE,
    )


def _payment() -> Schema:
    hashes = dict.fromkeys(("job_id", "ref", "spec_hash", "dataset_hash", "escrow", "token"), TEXT)
    return thing(**hashes, fee_wei=WEI, deadline=WHOLE, chain_id=WHOLE)


def _eco(shapes: Shapes, **more: Schema) -> Schema:
    return thing(
        score=NUMBER,
        parts=by_name(NUMBER),
        weights_percent=by_name(NUMBER),
        formula=TEXT,
        inputs=shapes.of(EcoInputs),
        **more,
    )


def _node_job(shapes: Shapes) -> Schema:
    return thing(
        job_id=TEXT,
        status=shapes.of(Status),
        at=NUMBER,
        role={"enum": ["trainer", "validator"]},
        rounds=WHOLE,
        paid_wei=WEI,
        scheme=TEXT,
        weights=shapes.of(Weights),
        pay=maybe(shapes.of(Pay)),
        culprit=FLAG,
        accusation=maybe(TEXT),
        bundle=maybe(TEXT),
    )


def _user() -> Schema:
    return thing(
        id=TEXT,
        email=maybe(TEXT),
        email_verified=FLAG,
        claimed_email=maybe(TEXT),
        has_password=FLAG,
        wallets=many(TEXT),
        address=maybe(TEXT),
        roles=thing(arbiter=FLAG, admin=FLAG),
    )


def _overview(shapes: Shapes) -> Schema:
    numbers = ("since", "deadline", "rounds", "of_rounds", "trainers")
    queued = thing(ticket_id=TEXT, job_id=TEXT, status=TEXT, fee_wei=WEI, **dict.fromkeys(numbers, NUMBER))
    accused = many(thing(culprit=TEXT, name=maybe(TEXT), state=TEXT))
    return thing(
        at=NUMBER,
        health=by_name(ref("Part")),
        queue=many(queued),
        counts=by_name(WHOLE),
        stuck=many(shapes.of(Stuck)),
        effects=many(shapes.of(TroubledEffect)),
        accusations=many(thing(ticket_id=TEXT, job_id=TEXT, accused=accused, bundles=many(bundle()))),
        alerts=many(thing(level={"enum": ["critical", "warning"]}, code=TEXT, message=TEXT, forward=TEXT)),
    )


def bundle() -> Schema:
    """A bundle of evidence, with a link to it."""
    return thing(culprit=TEXT, accusation=TEXT, bundle=TEXT, url=TEXT, sha256=SHA256, size=WHOLE)


def purse(shapes: Shapes) -> Schema:
    """A provider's money; amounts as text."""
    found = shapes.fields(Purse)
    return thing(**{name: WEI if name.endswith("_wei") else schema for name, schema in found.items()})
