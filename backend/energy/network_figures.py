"""The network in figures: what its jobs, nodes and credits add up to. Sums of whole numbers, so that one job's part can be taken
out again when the job has changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from backend.domain.node import Node
from backend.domain.ticket_record import Ticket, fate
from backend.energy.eco_score import FORMULA, WEIGHTS_PERCENT, EcoInputs
from backend.ports import ChainEvent
from fl_nodes.protocol.wire import from_wire

Sums = Mapping[str, int]
ECO_DEFINITION = "The mean of the settled jobs' Eco Scores, each job counted once."
_CLASS = "class."


def job_sums(ticket: Ticket) -> Sums:
    """A job's part in the figures: wei, mJ, µgCO2e; nothing for one that the chain does not know."""
    if not ticket.on_chain:
        return {}
    how = fate(ticket.status)
    fee_wei = ticket.quote.fee_wei
    if ticket.verdict is not None and ticket.verdict.fee_wei:
        fee_wei = int(ticket.verdict.fee_wei)
    sums = {f"jobs.{how}": 1, f"fee.{how}": fee_wei}
    if how == "settled" and ticket.verdict is not None:
        sums["earned"] = sum(map(int, ticket.verdict.amounts_wei))
    carbon = ticket.carbon
    if carbon:
        sums["micrograms"] = carbon["micrograms"]
        sums["off"] = carbon["micrograms"] * carbon["band_ppm"]
        for kind, of in carbon["classes"].items():
            sums[f"{_CLASS}{kind}"] = of["millijoules"]
            sums[f"band.{kind}"] = of["band_millijoules"]
        if how == "settled" and carbon["eco"]:
            sums["eco"] = round(carbon["eco"]["score"] * 100)
            sums["eco.jobs"] = 1
    return sums


def trainer_inputs(ticket: Ticket) -> dict[str, EcoInputs]:
    """What a job adds to its trainers' Eco Scores, by provider."""
    trainers = (ticket.carbon or {}).get("trainers", {})
    return {name: from_wire(EcoInputs, of["eco"]["inputs"]) for name, of in trainers.items() if of.get("eco")}


def credit_sums(events: Iterable[ChainEvent]) -> Sums:
    """What events of the Eco Credits add: µgCO2e `issued` and `retired`."""
    sums: Counter[str] = Counter()
    for event in events:
        if event.name == "CreditIssued":
            sums["issued"] += int(event.args["amount"])
        elif event.name == "CreditRetired":
            sums["retired"] += int(event.args["amount"])
    return sums


def node_figures(nodes: Iterable[Node]) -> dict[str, Any]:
    """Nodes that hold a deposit, and those of them online, by role and zone ("" where not said); deposits in wei."""
    staked = [node for node in nodes if int(node.deposit_wei) > 0]
    by_role: dict[str, dict[str, int]] = {}
    by_zone: dict[str, dict[str, int]] = {}
    for node in staked:
        for role in node.roles:
            _count(by_role, role, online=node.online and node.role in (None, role))
        _count(by_zone, node.zone, online=node.online)
    return {
        "registered": len(staked),
        "online": sum(node.online for node in staked),
        "by_role": dict(sorted(by_role.items())),
        "by_zone": dict(sorted(by_zone.items())),
        "deposits_wei": str(sum(int(node.deposit_wei) for node in staked)),
    }


def job_figures(total: Sums) -> dict[str, Any]:
    """What the sums of all jobs say: jobs and fees by outcome, energy by class (never one sum), emissions, mean Eco Score."""

    def of(name: str) -> int:
        return total.get(name, 0)

    micrograms, scored = of("micrograms"), of("eco.jobs")
    kinds = sorted(name.removeprefix(_CLASS) for name in total if name.startswith(_CLASS) and total[name])
    return {
        "jobs": {how: of(f"jobs.{how}") for how in ("settled", "refunded", "open")},
        "fees": {
            "earned_wei": str(of("earned")),
            "commission_wei": str(of("fee.settled") - of("earned")),
            "refunded_wei": str(of("fee.refunded")),
            "escrow_wei": str(of("fee.open")),
        },
        "energy": {
            kind: {"millijoules": of(f"{_CLASS}{kind}"), "band_millijoules": of(f"band.{kind}")}
            for kind in kinds
        },
        "emissions": {"micrograms": micrograms, "band_ppm": of("off") // micrograms if micrograms else 0},
        "eco": {
            "score": of("eco") // scored / 100 if scored else None,
            "jobs": scored,
            "definition": ECO_DEFINITION,
            "formula": FORMULA,
            "weights_percent": dict(WEIGHTS_PERCENT),
        },
    }


def _count(groups: dict[str, dict[str, int]], name: str, *, online: bool) -> None:
    group = groups.setdefault(name, {"registered": 0, "online": 0})
    group["registered"] += 1
    group["online"] += online
