"""What job A's energy came to: by node, on the carbon chain, and as credits that their holder uses up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from backend.cli.client import Api
from backend.domain.eco_text import carbon_lines, grams
from scripts.demo.jobs import Played
from scripts.demo.stage import Stage
from scripts.demo.story import Broken, wait_for

SEALED_SECONDS = 60.0
ISSUED_SECONDS = 60.0
ISSUED_TOGETHER_SECONDS = 3.0


def _complete(look: Callable[[], dict[str, Any]], seconds: float) -> list[dict[str, Any]] | None:
    """The credits, once no more have come for so long: a job's are issued by several transactions."""
    before = look()["credits"]
    if not before:
        return None
    time.sleep(seconds)
    after: list[dict[str, Any]] = look()["credits"]
    return after if len(after) == len(before) else None


def _no_credits(ticket: dict[str, Any]) -> str:
    """What to say where none come: also whether the job earned any."""
    fixed, carbon = ticket["baseline"], ticket["carbon"]
    if fixed is None:
        return "Job A was issued no credits: no baseline was fixed for it"
    allowed = fixed["baseline"]["micrograms"] * fixed["baseline"]["node_rounds"]
    emitted = f"{grams(carbon['micrograms'])} give or take {carbon['band_ppm'] / 10_000:.0f} %"
    return f"Job A was issued no credits; its baseline comes to {grams(allowed)}, its work emitted {emitted}"


def accounted(stage: Stage, played: Played) -> dict[str, Any]:
    """Tell it, once the job's epoch is sealed and its credits are issued; the provider with the most of them retires its own.

    The report's entry: `carbon`, `decision`, `epoch`, `credits`, `retired`.
    """
    story, api = stage.story, Api(stage.api_url, played.customer.token())
    ticket_id = played.ticket["id"]

    def look() -> dict[str, Any]:
        found: dict[str, Any] = api.get(f"/api/tickets/{ticket_id}")["ticket"]
        return found

    ticket = look()
    decision = ticket["decision"]
    story.line(f"Decided by policy {decision['policy']}: {' '.join(decision['reasons'])}")
    for line in carbon_lines(ticket["carbon"]):
        story.line(line)
    with story.stage("seal job A's readings"):
        sealed_ticket = wait_for(
            lambda: now if (now := look())["epoch"] else None,
            SEALED_SECONDS,
            "Job A's readings are in no epoch",
            story,
            part="dispatcher",
        )
    sealed = sealed_ticket["epoch"]
    story.line(f"Sealed in epoch {sealed['index']} of the energy ledger, hash {sealed['hash']}.")
    with story.stage("issue job A's credits"):
        issued = wait_for(
            lambda: _complete(look, ISSUED_TOGETHER_SECONDS),
            ISSUED_SECONDS,
            _no_credits(sealed_ticket),
            story,
            part="settler",
        )
    held: dict[tuple[str, str, str], int] = {}
    for credit in issued:
        key = (str(credit["node"]), str(credit["zone"]), str(credit["vintage"]))
        held[key] = held.get(key, 0) + int(credit["micrograms"])
    for (node, zone, vintage), micrograms in sorted(held.items()):
        story.line(
            f"{node} was issued Eco Credits for {grams(micrograms)} CO2e avoided in {zone}, {vintage}."
        )
    node, zone, vintage = max(held, key=lambda each: held[each])
    provider = stage.provider(node)
    retired = provider.retire(zone, vintage, "make demo")
    if retired.status != 0:
        raise Broken(f"The credits of {provider.name} could not be retired: {retired.document}", "carbon")
    certificate = retired.document["certificate"]
    story.line(
        f"has used up {grams(int(certificate['micrograms']))} of {zone}, {vintage}, for ever: "
        f"retirement certificate {certificate['number']}, beneficiary {certificate['beneficiary']}.",
        provider.name,
    )
    return {
        "carbon": ticket["carbon"],
        "decision": decision,
        "baseline": ticket["baseline"],
        "epoch": sealed,
        "credits": issued,
        "retired": retired.document,
    }
