"""What is public: the network, its jobs as everybody sees them, the energy ledger."""

from __future__ import annotations

from backend.api.openapi.shapes import (
    ANY,
    DOCUMENT,
    FLAG,
    NUMBER,
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
from backend.domain.ticket import Ticket
from backend.domain.ticket_record import FATES
from backend.verification.job_crew import Candidate
from fl_nodes.protocol.finding import Finding
from fl_nodes.protocol.job_summary import JobSummary
from fl_nodes.protocol.ledger_epoch import EpochTerms
from fl_nodes.protocol.pay import Pay


def config() -> Schema:
    """What a client is told of the network."""
    contract = thing(address=TEXT, abi=many(DOCUMENT), block=WHOLE)
    chain = thing(
        chain_id=WHOLE,
        rpc_url=TEXT,
        name=TEXT,
        coin=TEXT,
        explorer_url=maybe(TEXT),
        contracts=by_name(contract),
    )
    bounds = ("max_dataset_bytes", "minimum_deadline_seconds", "default_deadline_seconds")
    choices = ("formats", "models", "optimizers", "server_optimizers", "aggregations", "schemes")
    schema = thing(
        market=chain,
        carbon=chain,
        confirmations=WHOLE,
        commission_bps=WHOLE,
        limits=thing(**dict.fromkeys((*bounds, "maximum_deadline_seconds"), WHOLE)),
        **dict.fromkeys(choices, many(TEXT)),
        reward_weights=ref("Weights"),
        options=by_name(DOCUMENT),
        faucet=FLAG,
        protocol=WHOLE,
        version=TEXT,
    )
    schema["required"].remove("carbon")
    return schema


def network() -> Schema:
    """The network in figures."""
    counts = by_name(thing(registered=WHOLE, online=WHOLE))
    fates = sorted(FATES)
    return thing(
        age_seconds=NUMBER,
        carbon_age_seconds=maybe(NUMBER),
        nodes=thing(registered=WHOLE, online=WHOLE, by_role=counts, by_zone=counts, deposits_wei=WEI),
        jobs=thing(**dict.fromkeys(fates, WHOLE)),
        fees=thing(earned_wei=WEI, commission_wei=WEI, refunded_wei=WEI, escrow_wei=WEI),
        energy=by_name(thing(millijoules=WHOLE, band_millijoules=WHOLE)),
        emissions=thing(micrograms=WHOLE, band_ppm=WHOLE),
        eco=thing(
            score=maybe(NUMBER), jobs=WHOLE, definition=TEXT, formula=TEXT, weights_percent=by_name(NUMBER)
        ),
        eco_by_node=by_name(NUMBER),
        credits=maybe(thing(unit=TEXT, issued_ug=WHOLE, retired_ug=WHOLE)),
        ledger=maybe(thing(count=WHOLE, epochs=many(ref("Epoch")))),
    )


def row() -> dict[str, Schema]:
    """A job in one line."""
    numbers = (
        "accuracy_ppm",
        "millijoules",
        "micrograms",
        "band_ppm",
        "eco_score",
        "epoch",
        "opened_at",
        "ended_at",
    )
    return {
        "job_id": TEXT,
        "status": TEXT,
        "fate": {"enum": sorted(FATES)},
        "customer": TEXT,
        "fee_wei": WEI,
        "deadline": WHOLE,
        **dict.fromkeys(("rounds", "trainers", "validators"), WHOLE),
        **dict.fromkeys(numbers, maybe(NUMBER)),
    }


def job(shapes: Shapes) -> dict[str, Schema]:
    """All that is public of a job, beside its row."""
    evidence = thing(culprit=TEXT, accusation=maybe(TEXT), slashed_wei=maybe(WEI), bundle=maybe(TEXT))
    kept = ("verdict", "epoch", "baseline", "credits", "certificate", "transactions", "timeline")
    told = shapes.fields(Ticket, "rounds")
    return {
        name: told[name] for name in (*kept, "refund_wei", "deposits_received_wei", "trainers", "validators")
    } | {
        "ref": TEXT,
        "spec_hash": TEXT,
        "dataset_hash": TEXT,
        "rounds": many(thing(number=WHOLE, root=TEXT, updates=WHOLE)),
        "pay": maybe(shapes.of(Pay)),
        "evidence": many(evidence),
        "energy": DOCUMENT,
        "counts": thing(trainers=WHOLE, validators=WHOLE, rounds=WHOLE),
    }


def audit(shapes: Shapes) -> Schema:
    """An audit by this server."""
    candidate = thing(**(shapes.fields(Candidate) | {"weight": WEI}))
    return thing(
        job_id=TEXT,
        chain_id=WHOLE,
        escrow=TEXT,
        block=WHOLE,
        status=TEXT,
        ok=FLAG,
        findings=many(shapes.of(Finding)),
        candidates=many(candidate),
        pay=maybe(shapes.of(Pay)),
        age_seconds=NUMBER,
    )


def check() -> Schema:
    """A certificate checked by this server."""
    return thing(
        job_id=TEXT,
        verified=FLAG,
        bound_micrograms=WHOLE,
        of=maybe(TEXT),
        epoch=WHOLE,
        size=WHOLE,
        certified_at=WHOLE,
        tx=TEXT,
        checks=many(thing(what=TEXT, ok=FLAG)),
        honesty=ANY,
        age_seconds=NUMBER,
    )


def epoch(shapes: Shapes) -> dict[str, Schema]:
    """An epoch in one line."""
    return {**shapes.fields(EpochTerms), "proposer": TEXT, "sealed_at": WHOLE, "final": FLAG}


def one_epoch(shapes: Shapes) -> Schema:
    """An epoch with how it was sealed."""
    return thing(
        **epoch(shapes),
        jobs=maybe(many(shapes.of(JobSummary))),
        signed=maybe(thing(keys=WHOLE, weight=WEI, total_weight=WEI)),
        papers=maybe(ref("File")),
    )
