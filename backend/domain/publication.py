"""Finished trainings that their customers let others use, and when they answer a request that somebody else makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from backend.domain.effects import Publish
from backend.domain.result_files import OPEN
from backend.domain.ticket_record import Status, Ticket


@dataclass(frozen=True)
class Publication:
    """What the carbon chain says of a published training: hashes in hex, mJ, µgCO2e, wei."""

    job_id: str
    dataset_sha256: str
    recipe_sha256: str
    model_sha256: str
    metrics_sha256: str
    millijoules: int
    micrograms: int
    fee_wei: int


def listed(effect: Publish) -> Publication:
    """What the chain says once the effect is carried out."""
    return Publication(
        effect.job_id,
        effect.dataset_sha256,
        effect.recipe_sha256,
        effect.model_sha256,
        effect.metrics_sha256,
        effect.millijoules,
        effect.micrograms,
        int(effect.fee_wei),
    )


def published(ticket: Ticket) -> tuple[Publish, ...]:
    """The effect by which a settled ticket is listed, where its customer wanted that."""
    metrics = (ticket.files or {}).get("metrics.json")
    if not ticket.spec.publish or not ticket.rounds or metrics is None or ticket.carbon is None:
        return ()
    effect = Publish(
        ticket_id=ticket.id,
        job_id=ticket.job_id,
        dataset_sha256=ticket.dataset.sha256,
        recipe_sha256=ticket.spec.recipe(),
        model_sha256=ticket.rounds[-1].model_sha256,
        metrics_sha256=metrics["sha256"],
        millijoules=ticket.carbon["millijoules"],
        micrograms=ticket.carbon["micrograms"],
        fee_wei=str(ticket.quote.fee_wei),
    )
    return (effect,)


def is_open(ticket: Ticket) -> bool:
    """Whether anybody may have the ticket's model."""
    return ticket.spec.publish and ticket.status is Status.SETTLED


def offer(ticket: Ticket, found: Publication) -> dict[str, Any]:
    """What somebody who asks for the same training is told of it, as plain values."""
    metrics = ticket.metrics or {}
    files = ticket.files or {}
    return {
        "job_id": ticket.job_id,
        "settled_at": ticket.timeline[-1].at,
        "seed": ticket.spec.seed,
        "dataset_sha256": found.dataset_sha256,
        "recipe_sha256": found.recipe_sha256,
        "model_sha256": found.model_sha256,
        "metrics": {
            name: metrics[name] for name in ("accuracy", "macro_f1", "loss", "examples") if name in metrics
        },
        "millijoules": found.millijoules,
        "micrograms": found.micrograms,
        "fee_wei": str(found.fee_wei),
        "files": {
            name: {fact: files[name][fact] for fact in ("sha256", "size")} for name in OPEN if name in files
        },
    }
