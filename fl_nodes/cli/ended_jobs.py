"""Frees a node of jobs that ended without its name: after a reclaim or an early cancel anyone may say who is to be freed."""

from __future__ import annotations

from typing import Any

from eth_account.signers.local import LocalAccount

from fl_nodes.cli.market import Market
from fl_nodes.errors import Refused

ENDED = frozenset({"Settled", "Failed", "Cancelled", "Reclaimed"})


def release_ended(market: Market, wallet: LocalAccount, provider: str) -> int:
    """Release every ended job that still binds the provider; how many those were. Costs the wallet a transaction each."""
    freed = 0
    for job_id, crew in _crews(market, provider).items():
        status, released = market.job(job_id)
        if status not in ENDED or released:
            continue
        judges = (list(crew.get("validators", ())), list(crew.get("validatorKeys", ())))
        try:
            market.send(wallet, market.escrow.functions.release(job_id, list(crew["trainers"]), judges))
        except Refused as error:
            # Somebody else was quicker.
            if error.code != "node.released":
                raise
        freed += 1
    return freed


def _crews(market: Market, provider: str) -> dict[bytes, dict[str, Any]]:
    """Who works on each job of this provider, as the newest event about it says."""
    crews = {
        said["jobId"]: said
        for name in ("TrainersChosen", "JobAssigned")
        for said in market.escrow_events(name)
    }
    return {
        job: said
        for job, said in crews.items()
        if provider in said["trainers"] or provider in said.get("validators", ())
    }
