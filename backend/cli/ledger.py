"""`ecodml ledger`: the energy ledger's epochs, proofs of what stands in them, and whether all of it follows from both chains."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from backend.adapters.chain.deployments import Deployments, Network, load_deployments, parse_deployments
from backend.adapters.chain.ledger_history import read_ledger
from backend.adapters.chain.stakes import Web3Stakes
from backend.adapters.signatures import EthSignatures
from backend.cli.client import Api
from backend.domain.stake import Stakes
from backend.errors import EcoError, Invalid, NotFound, Recoverable, Unrecoverable
from backend.verification.ledger_audit import audit
from backend.verification.ledger_history import LedgerHistory
from fl_nodes.protocol import keccak_tree
from fl_nodes.protocol.finding import Finding, Outcome
from fl_nodes.protocol.ledger_epoch import bare
from fl_nodes.protocol.ledger_tasks import EpochPapers
from fl_nodes.protocol.wire import WireError, from_wire, to_wire

_JOB = re.compile(r"0x[0-9a-fA-F]{64}")
_READING = re.compile(r"(0x[0-9a-fA-F]{64})/(\d+)/(0x[0-9a-fA-F]{40})")
_MARKS = {Outcome.OK: "ok", Outcome.FAILED: "FAILED", Outcome.NOT_CHECKABLE: "not checkable"}


def epochs(api: Api) -> dict[str, Any]:
    """The newest epochs."""
    return api.get("/api/ledger/epochs")


def epoch(api: Api, index: int) -> dict[str, Any]:
    """One epoch with its jobs, where its papers are to be had."""
    found: dict[str, Any] = api.get(f"/api/ledger/epochs/{index}")["epoch"]
    papers = _papers(api, found)
    found["jobs"] = None if papers is None else [to_wire(job) for job in papers.content.jobs]
    return found


def prove(api: Api, what: str) -> dict[str, Any]:
    """A leaf, its siblings and the root it stands under: of a job's summary (`JOB`), or a reading (`JOB/ROUND/NODE`)."""
    reading = _READING.fullmatch(what)
    if reading is None and not _JOB.fullmatch(what):
        raise Invalid(
            "ledger.what", f"{what} is neither a job (0x and 64 hex digits) nor a reading (JOB/ROUND/NODE)."
        )
    job = reading[1] if reading else what
    index = int(api.get(f"/api/ledger/jobs/{job}")["index"])
    found = api.get(f"/api/ledger/epochs/{index}")["epoch"]
    papers = _papers(api, found)
    if papers is None:
        raise NotFound("ledger.no_papers", f"The papers of epoch {index} are not to be had here.")
    content = papers.content
    if reading is None:
        leaves = [j.leaf(keccak) for j in content.jobs]
        place = next((i for i, j in enumerate(content.jobs) if bare(j.job) == bare(job)), None)
        said: tuple[Any, ...] = content.jobs
        root = found["jobs_root"]
    else:
        wanted = (bare(job), int(reading[2]), bare(reading[3]))
        leaves = [r.leaf(keccak) for r in content.readings]
        keys = [(bare(r.job), r.round, bare(r.node)) for r in content.readings]
        place = keys.index(wanted) if wanted in keys else None
        said, root = content.readings, found["readings_root"]
    if place is None:
        raise NotFound("ledger.not_sealed", f"Epoch {index} holds no {what}.")
    path = keccak_tree.proof(leaves, place, keccak)
    return {
        "epoch": index,
        "value": to_wire(said[place]),
        "leaf": "0x" + leaves[place].hex(),
        "proof": ["0x" + sibling.hex() for sibling in path],
        "root": root,
        "stands": keccak_tree.stands_under(bytes.fromhex(bare(root)), leaves[place], path, keccak),
    }


def networks(
    deployments: Path | None, config: Callable[[], dict[str, Any]], rpc: str | None, carbon_rpc: str | None
) -> tuple[Deployments, str, str]:
    """Both chains' contracts and URLs: as named, and what is not named as an API's `config` has it."""
    try:
        found = load_deployments(deployments) if deployments else parse_deployments(config())
    except Unrecoverable as error:
        raise Invalid("audit.deployments", error.message) from error
    urls = rpc or found.market.rpc_url, carbon_rpc or _carbon(found).rpc_url
    if not all(urls):
        raise Invalid("audit.rpc", "The deployments name no RPC URL: name both with --rpc and --carbon-rpc.")
    return found, *urls


def audited(
    where: tuple[Deployments, str, str], api: Api | None
) -> tuple[LedgerHistory, tuple[Finding, ...]]:
    """The ledger's past, and what was found in it. Papers come from `api`; without one readings are not looked at."""
    deployments, rpc, carbon_rpc = where
    history = read_ledger(_carbon(deployments), carbon_rpc)
    market = Web3Stakes(deployments.market, rpc)
    papers = {} if api is None else _all_papers(api, history)
    return history, audit(history, EthSignatures(), lambda block: _stakes(market, block), papers)


def epoch_lines(found: dict[str, Any]) -> list[str]:
    """An epoch for a person."""
    final = "final" if found["final"] else "may still be challenged"
    said = [
        f"Epoch     {found['index']}, sealed {_time(found['sealed_at'])}, {final}",
        f"Readings  {found['readings']}: {found['millijoules'] / 1000:.1f} J, {found['micrograms'] / 1000:.1f} mgCO2e",
        f"Proposer  {found['proposer']}, under checkpoint {found['checkpoint']}",
        f"Roots     readings {found['readings_root']}",
        f"          claims   {found['claims_root']}",
        f"          jobs     {found['jobs_root']}",
        f"          ratings  {found['rating_root']}",
    ]
    for job in found.get("jobs") or ():
        joules, milligrams = job["millijoules"] / 1000, job["micrograms"] / 1000
        said.append(
            f"Job       0x{bare(job['job'])}: {job['readings']} readings, {joules:.1f} J, {milligrams:.1f} mgCO2e"
        )
    return said


def list_lines(found: dict[str, Any]) -> list[str]:
    """The newest epochs, a line each."""
    said = [f"{found['count']} epochs"]
    for e in found["epochs"]:
        state = "final" if e["final"] else "open to challenge"
        joules = e["millijoules"] / 1000
        said.append(
            f"{e['index']:6}  {_time(e['sealed_at'])}  {e['readings']:6} readings  {joules:10.1f} J  {state}"
        )
    return said


def proof_lines(found: dict[str, Any]) -> list[str]:
    """A proof for a person; `verifyReading` and `verifyJob` of the contract take it as it is."""
    stands = "stands" if found["stands"] else "DOES NOT STAND"
    return [
        f"Leaf   {found['leaf']} {stands} in epoch {found['epoch']}",
        *(f"Proof  {sibling}" for sibling in found["proof"]),
        f"Root   {found['root']}",
    ]


def audit_document(history: LedgerHistory, findings: tuple[Finding, ...]) -> dict[str, Any]:
    """The audit as one document."""
    return {
        "chain_id": history.chain_id,
        "ledger": history.ledger,
        "epochs": len(history.epochs),
        "checkpoints": len(history.checkpoints),
        "ok": is_fine(findings),
        "findings": [asdict(finding) for finding in findings],
    }


def audit_lines(history: LedgerHistory, findings: tuple[Finding, ...]) -> list[str]:
    """The audit for a person, failures with what they mean."""
    said = [f"Ledger {history.ledger} on chain {history.chain_id}", ""]
    for finding in findings:
        said.append(f"{_MARKS[finding.outcome]:13}  {finding.name:11}  {finding.detail}")
        if finding.next_step and finding.outcome is not Outcome.OK:
            said.append(f"{'':13}  {'':11}  -> {finding.next_step}")
    return said


def is_fine(findings: tuple[Finding, ...]) -> bool:
    """Whether everything that could be checked follows."""
    return all(finding.outcome is not Outcome.FAILED for finding in findings)


def _carbon(deployments: Deployments) -> Network:
    if deployments.carbon is None:
        raise Invalid("audit.deployments", "The deployments hold no carbon chain.")
    return deployments.carbon


def _stakes(market: Web3Stakes, block: int) -> Stakes | None:
    try:
        return market.stakes(block)
    except Recoverable:
        # A node that forgot old states, or is down: the audit says that it could not look.
        return None


def _all_papers(api: Api, history: LedgerHistory) -> dict[int, EpochPapers]:
    found = {}
    for sealed in history.epochs:
        index = sealed.sealed.terms.index
        try:
            papers = _papers(api, api.get(f"/api/ledger/epochs/{index}")["epoch"])
        except EcoError:
            continue
        if papers is not None:
            found[index] = papers
    return found


def _papers(api: Api, found: dict[str, Any]) -> EpochPapers | None:
    there = found["papers"]
    if there is None:
        return None
    with api.reach("GET", there["url"]) as response:
        data = response.content
    if sha256(data).hexdigest() != there["sha256"]:
        raise Recoverable("ledger.papers", "The papers came otherwise than they were announced: try again.")
    try:
        return from_wire(EpochPapers, json.loads(data))
    except (WireError, ValueError) as error:
        raise Invalid("ledger.papers", f"The papers of an epoch cannot be read: {error}.") from error


def _time(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
