"""A quote: check the dataset's claimed facts and the specification, price them, keep a ticket to be paid."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode
from eth_utils.crypto import keccak
from flask import Blueprint, request

from backend.api.auth import customer
from backend.api.parts import ApiParts
from backend.api.published import offers
from backend.api.schemas import PriceRequest, QuoteRequest, body, deadline_seconds, email, facts, spec
from backend.api.shown import quote_json, ticket_json
from backend.domain.spec import (
    DatasetFacts,
    JobSpec,
    Quote,
    check_rows,
    check_statistics,
    price,
    price_told,
)
from backend.domain.ticket import Moment, Status, Ticket
from backend.errors import Invalid
from fl_nodes.protocol.architecture import (
    ArchitectureInvalid,
    forward_flops,
    from_keras_json,
    preset,
    statistics,
)


@dataclass(frozen=True)
class Priced:
    """A request that can be trained: checked, with the model's layers, and what it costs."""

    dataset: DatasetFacts
    spec: JobSpec
    layers: dict[str, Any]
    quote: Quote
    seconds: int

    def told(self) -> dict[str, Any]:
        """The price and its parts, each with its formula in words."""
        formula = price_told(self.dataset, self.spec, forward_flops(self.layers))
        return {**quote_json(self.quote), "formula": formula}


def blueprint(parts: ApiParts) -> Blueprint:
    """POST /api/prices, which asks for no account and keeps nothing, and POST /api/quotes."""
    routes = Blueprint("quotes", __name__)

    @routes.post("/api/prices")
    def prices() -> dict[str, Any]:
        offered = priced(parts, body(request, PriceRequest))
        return {"quote": offered.told(), "deadline_seconds": offered.seconds}

    @routes.post("/api/quotes")
    def quotes() -> tuple[dict[str, Any], int]:
        address = customer(parts)
        asked = body(request, QuoteRequest)
        offered = priced(parts, asked)
        ticket = quoted(parts, address, offered, email(asked.email))
        parts.tickets.add(ticket)
        offer = {
            "ticket": ticket_json(ticket),
            "payment": payment(parts.deployments["market"]["contracts"], parts.market.chain_id, ticket),
            "quote": offered.told(),
            "published": offers(parts, ticket),
        }
        return offer, 201

    return routes


def priced(parts: ApiParts, asked: PriceRequest) -> Priced:
    """What a request costs; Invalid names what cannot be trained, before anything is paid."""
    dataset = facts(asked.dataset, parts.settings.max_dataset_bytes)
    wanted = spec(asked.spec, secrets.randbelow(2**31), parts.settings.reward_weights)
    check_rows(dataset, wanted)
    seconds = deadline_seconds(
        asked.deadline_seconds,
        parts.settings.minimum_deadline_seconds,
        parts.settings.default_deadline_seconds,
    )
    layers, flops = _architecture(wanted, dataset)
    check_statistics(wanted, statistics(layers))
    return Priced(dataset, wanted, layers, price(dataset, wanted, flops), seconds)


def quoted(parts: ApiParts, address: str, offered: Priced, letters_to: str | None) -> Ticket:
    """The ticket that keeps an offer for this customer."""
    at = parts.clock()
    ref = "0x" + secrets.token_hex(32)
    return Ticket(
        id=f"t_{secrets.token_hex(10)}",
        ref=ref,
        job_id=job_id_of(address, ref),
        customer=address,
        spec=offered.spec,
        dataset=offered.dataset,
        quote=offered.quote,
        architecture=offered.layers,
        deadline=int(at) + offered.seconds,
        email=letters_to,
        timeline=(Moment(Status.QUOTED, at),),
    )


def job_id_of(address: str, ref: str) -> str:
    """The id that the escrow gives this customer's job: keccak256(abi.encode(customer, ref))."""
    return "0x" + keccak(encode(["address", "bytes32"], [address, bytes.fromhex(ref[2:])])).hex()


def payment(contracts: Mapping[str, Any], chain_id: int, ticket: Ticket) -> dict[str, Any]:
    """What the customer's wallet passes to the escrow, one of the market chain's `contracts`."""
    return {
        "job_id": ticket.job_id,
        "ref": ticket.ref,
        "spec_hash": "0x" + ticket.spec.hash(),
        "dataset_hash": "0x" + ticket.dataset.sha256,
        "fee_wei": str(ticket.quote.fee_wei),
        "deadline": ticket.deadline,
        "escrow": contracts["JobEscrow"]["address"],
        "token": contracts["DMLToken"]["address"],
        "chain_id": chain_id,
    }


def _architecture(wanted: JobSpec, dataset: DatasetFacts) -> tuple[dict[str, Any], int]:
    try:
        if wanted.keras_json is not None:
            layers = from_keras_json(wanted.keras_json, dataset.input_shape, len(dataset.classes))
        else:
            layers = preset(wanted.model, dataset.input_shape, len(dataset.classes))
        return layers, forward_flops(layers)
    except ArchitectureInvalid as refusal:
        raise Invalid(refusal.code, refusal.message) from refusal
