"""`ecodml node earnings [JOB]`: what the node was paid, and why so much. Amounts and score words are the chain's."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from fl_nodes.cli.home import Home
from fl_nodes.cli.market import Market, configuration, public_record
from fl_nodes.errors import Refused
from fl_nodes.protocol import scores
from fl_nodes.protocol.pay import Pay, PayLine, dml, explain, told
from fl_nodes.protocol.payout import WEIGHTS, Scheme, Weights
from fl_nodes.protocol.wire import from_wire

Facts = dict[str, Any]


def earnings(options: argparse.Namespace) -> Facts:
    """The jobs that paid this node; with a job, each part of its pay. Refused `earnings.none` where that job paid nothing."""
    identity = Home(options.home).identity()
    api = options.api or identity.api_url
    market = Market(configuration(api))
    market.check()
    seen = public_record(api, identity.provider)
    known = {job["job_id"].lower(): job for job in (seen or {}).get("jobs", [])}
    settled = {
        "0x" + said["jobId"].hex().removeprefix("0x"): said
        for said in market.escrow_events("JobSettled")
        if identity.provider in said["payees"]
    }
    if options.job is None:
        return _listed(identity.provider, settled, known)
    job_id = options.job.lower()
    about = known.get(job_id, {})
    if job_id in settled:
        return {"job_id": job_id, **_one(identity.provider, _explained(settled[job_id], about), "chain")}
    if about.get("pay"):
        return {"job_id": job_id, **_one(identity.provider, from_wire(Pay, about["pay"]), "market")}
    status = f"it is {about['status']}" if about else "this node has no part in it"
    raise Refused("earnings.none", f"Job {options.job} has paid this node nothing: {status}.")


def lines(facts: Facts) -> list[str]:
    """The same for a person."""
    if "jobs" in facts:
        told_jobs = [f"{job['job_id']}  {dml(job['paid_wei'])}" for job in facts["jobs"]]
        return [*told_jobs, f"{len(told_jobs)} jobs paid {dml(facts['total_wei'])}."]
    said = [
        f"Job     {facts['job_id']}",
        f"Fee     {dml(facts['fee_wei'])}, of which {dml(facts['commission_wei'])} commission",
        f"Paid    {dml(facts['amount_wei'])} by scheme {facts['scheme']}: {facts['formula']}",
    ]
    line = from_wire(PayLine, {name: facts[name] for name in ("payee", "amount_wei", "parts")})
    said += [f"        {part}" for part in told(line)]
    said += [f"        ({name.replace('_', ' ')}: {note})" for name, note in facts["notes"].items()]
    return said


def _listed(provider: str, settled: dict[str, Facts], known: dict[str, Facts]) -> Facts:
    paid = {job: said["amounts"][list(said["payees"]).index(provider)] for job, said in settled.items()}
    for job, about in known.items():
        if int(about["paid_wei"]):
            paid.setdefault(job, int(about["paid_wei"]))
    jobs = [{"job_id": job, "paid_wei": str(wei)} for job, wei in paid.items()]
    return {"provider": provider, "jobs": jobs, "total_wei": str(sum(paid.values()))}


def _explained(said: Facts, about: Facts) -> Pay:
    """The payment by the scheme that the market names, or by either; Refused `earnings.unexplained` where neither gives it."""
    work = [scores.decode(bytes(w), p) for w, p in zip(said["scores"], said["payees"], strict=True)]
    weights = from_wire(Weights, about["weights"]) if "weights" in about else WEIGHTS
    schemes: Sequence[Scheme] = (Scheme(about["scheme"]),) if "scheme" in about else tuple(Scheme)
    for scheme in schemes:
        fee_wei = sum(said["amounts"]) + said["commission"]
        found = explain(scheme, fee_wei, said["commission"], work, weights)
        if list(found.amounts_wei) == list(said["amounts"]):
            return found
    raise Refused(
        "earnings.unexplained",
        f"The chain's amounts {list(said['amounts'])} do not follow from its score words: see `ecodml audit`.",
    )


def _one(provider: str, pay: Pay, source: str) -> Facts:
    facts = asdict(pay)
    (mine,) = (line for line in facts.pop("lines") if line["payee"] == provider)
    return facts | mine | {"source": source}
