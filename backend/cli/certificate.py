"""`ecodml certificate show|verify JOB`: what a job's green certificate says, and whether the carbon chain bears it out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from backend.adapters.chain.certificates import CONTRACT, LEDGER, Web3Certificates
from backend.adapters.chain.connection import Connection
from backend.adapters.chain.deployments import load_deployments, parse_network
from backend.domain.green_proof import KeptCertificate
from backend.errors import Invalid, NotFound, Unrecoverable
from backend.verification.certificate_check import HONESTY, Check, certificate_checks

_JOB_ID = re.compile(r"0x[0-9a-fA-F]{64}")


def job_id(text: str) -> str:
    """Invalid `certificate.job` for what is no job's id."""
    if not _JOB_ID.fullmatch(text):
        raise Invalid(
            "certificate.job", f"{text} is no job id: 0x and 64 hex digits; `ecodml ticket` shows it."
        )
    return text.lower()


def reader(
    deployments: Path | None, rpc_url: str | None, config: Callable[[], dict[str, Any]]
) -> Web3Certificates:
    """The carbon chain's certificates, by a deployments file or as an API's `config` has them."""
    try:
        if deployments is not None:
            network = load_deployments(deployments).carbon
        else:
            said = config().get("carbon")
            network = parse_network("carbon", said, (LEDGER,)) if said else None
    except Unrecoverable as error:
        raise Invalid("certificate.deployments", error.message) from error
    if network is None or CONTRACT not in network.contracts:
        raise NotFound("certificate.none", "There are no green certificates on this carbon chain.")
    url = rpc_url or network.rpc_url
    if not url:
        raise Invalid("certificate.deployments", "Nobody says where the carbon chain is: name it with --rpc.")
    return Web3Certificates(Connection(network, url))


def show(said: dict[str, Any]) -> list[str]:
    """What the API tells of it."""
    record = said["certificate"]
    told = [f"Job         {said['job_id']}"]
    if record["refusal"]:
        return [*told, f"Certificate none: {record['refusal']['message']} [{record['refusal']['code']}]"]
    return [
        *told,
        f"Certificate at most {record['bound']} µgCO2e, its {record['of']}",
        f"Readings    those sealed in epoch {record['epoch']} of the energy ledger, circuit for {record['size']}",
        f"Factors     {_factors(record['mg_per_kwh'])} mgCO2e per kWh, commitment {record['factors']}",
        f"Transaction {record['tx']}",
        HONESTY,
    ]


def verify(
    job: str, chain: Web3Certificates, published: list[int] | None
) -> tuple[KeptCertificate, list[Check]]:
    """All that can be checked of a job's certificate with nothing believed but the chain; NotFound `certificate.none`.

    `published` are the factors that somebody says were used, in the order of the circuit's slots.
    """
    said = chain.about(job)
    if said is None:
        raise NotFound("certificate.none", f"The carbon chain keeps no certificate of job {job}.")
    return said.kept, certificate_checks(said, published)


def document(job: str, kept: KeptCertificate, checks: list[Check]) -> dict[str, Any]:
    """As JSON."""
    return {
        "job_id": job,
        "verified": all(check.ok for check in checks),
        "bound_micrograms": kept.bound,
        "epoch": kept.epoch,
        "certified_at": kept.certified_at,
        "tx": kept.tx,
        "checks": {check.what: check.ok for check in checks},
    }


def lines(kept: KeptCertificate, checks: list[Check]) -> list[str]:
    """For a person."""
    return [
        f"Certificate at most {kept.bound} µgCO2e, transaction {kept.tx}",
        *(f"{'ok' if check.ok else 'FAILED':<12}{check.what}" for check in checks),
        HONESTY,
    ]


def _factors(mg_per_kwh: list[int]) -> str:
    """Those used, each once: filling up is no factor."""
    used = sorted({factor for factor in mg_per_kwh if factor})
    return ", ".join(str(factor) for factor in used[:6]) + (" ..." if len(used) > 6 else "")
