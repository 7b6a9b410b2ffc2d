"""`ecodml audit JOB`: whether everything about a job follows from the chain. Nothing of the operator's is believed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backend.adapters.chain.deployments import MARKET_CONTRACTS, Network, load_deployments, parse_network
from backend.adapters.chain.job_history import read_history
from backend.adapters.signatures import EthSignatures
from backend.cli.terminal import Terminal
from backend.cli.ticket import pay_lines
from backend.errors import Invalid, Unrecoverable
from backend.verification.job_audit import audit
from backend.verification.job_evidence import Papers, terms_of
from backend.verification.job_history import JobHistory
from backend.verification.job_pay import pay
from backend.verification.job_rounds import JobRounds
from fl_nodes.protocol.finding import Finding, Outcome
from fl_nodes.protocol.pay import Pay
from fl_nodes.protocol.verdict_tasks import VerdictTask
from fl_nodes.protocol.wire import WireError, from_wire

_JOB_ID = re.compile(r"0x[0-9a-fA-F]{64}")
_MARKS = {Outcome.OK: "ok", Outcome.FAILED: "FAILED", Outcome.NOT_CHECKABLE: "not checkable"}


@dataclass(frozen=True)
class Subject:
    """What is audited: a job (0x hex) and, where an API told of it, its specification."""

    job_id: str
    spec: Any = None


@dataclass(frozen=True)
class Files:
    """What the auditor holds beside the chain."""

    spec: Path | None = None
    model: Path | None = None
    verdict: Path | None = None
    rounds: Path | None = None


@dataclass(frozen=True)
class Audited:
    """A job's history, what was found in it, and its payment where the amounts follow from the scores."""

    history: JobHistory
    findings: tuple[Finding, ...]
    pay: Pay | None = None

    @property
    def ok(self) -> bool:
        """Whether everything that could be checked follows."""
        return all(f.outcome is not Outcome.FAILED for f in self.findings)


def subject(job: str, ticket: Callable[[str], dict[str, Any]]) -> Subject:
    """The job by its id, or by its ticket's, which `ticket` looks up."""
    if _JOB_ID.fullmatch(job):
        return Subject(job.lower())
    if job.startswith("0x"):
        raise Invalid("audit.job", f"{job} is no job id: 0x and 64 hex digits, or the id of a ticket.")
    found = ticket(job)
    return Subject(found["job_id"].lower(), found["spec"])


def market(
    deployments: Path | None, rpc_url: str | None, config: Callable[[], dict[str, Any]]
) -> tuple[Network, str]:
    """The market's contracts and the chain's URL: as named, and what is not named as an API's `config` has it."""
    try:
        if deployments is not None:
            network = load_deployments(deployments).market
        else:
            network = parse_network("market", config()["market"], MARKET_CONTRACTS)
    except Unrecoverable as error:
        raise Invalid("audit.deployments", error.message) from error
    url = rpc_url or network.rpc_url
    if not url:
        raise Invalid(
            "audit.rpc", "The deployments name no RPC URL of the market chain: name one with --rpc."
        )
    return network, url


def audit_job(what: Subject, where: tuple[Network, str], files: Files, terminal: Terminal) -> Audited:
    """Read the job's history and hold every promise against it."""
    spec = _document(files.spec) if files.spec else what.spec
    papers = Papers(
        terms=None if spec is None else terms_of(spec),
        model_sha256=_sha256(files.model) if files.model else None,
        verdict=_verdict(files.verdict) if files.verdict else None,
        rounds=_rounds(files.rounds) if files.rounds else None,
    )
    network, url = where
    try:
        history = read_history(
            network, url, what.job_id, lambda at, last: terminal.progress(f"block {at} of {last}")
        )
    finally:
        terminal.progress_done()
    return Audited(history, audit(history, papers, EthSignatures()), pay(history, papers.terms))


def document(audited: Audited) -> dict[str, Any]:
    """The audit as one document."""
    history = audited.history
    return {
        "job_id": history.job_id,
        "chain_id": history.chain_id,
        "escrow": history.escrow,
        "block": history.head,
        "status": history.status,
        "ok": audited.ok,
        "findings": [asdict(finding) for finding in audited.findings],
        "pay": None if audited.pay is None else asdict(audited.pay),
    }


def lines(audited: Audited) -> list[str]:
    """The audit for a person, failures with what they mean."""
    history = audited.history
    told = [
        f"Job    {history.job_id}, {history.status}",
        f"Escrow {history.escrow} on chain {history.chain_id}, read up to block {history.head}",
        "",
    ]
    for finding in audited.findings:
        told.append(f"{_MARKS[finding.outcome]:13}  {finding.name:11}  {finding.detail}")
        if finding.next_step and finding.outcome is not Outcome.OK:
            told.append(f"{'':13}  {'':11}  -> {finding.next_step}")
    if audited.pay is not None:
        told += ["", *pay_lines(audited.pay)]
    return [*told, "", _summary(audited.findings)]


def _summary(findings: Sequence[Finding]) -> str:
    failed = [f.name for f in findings if f.outcome is Outcome.FAILED]
    open_questions = [f.name for f in findings if f.outcome is Outcome.NOT_CHECKABLE]
    told = f"Does not follow: {', '.join(failed)}." if failed else "Everything that could be checked follows."
    return f"{told} Not checkable: {', '.join(open_questions)}." if open_questions else told


def _verdict(path: Path) -> VerdictTask:
    try:
        return from_wire(VerdictTask, _document(path))
    except WireError as error:
        raise Invalid("audit.verdict", f"{path} is no published verdict: {error}.") from error


def _rounds(path: Path) -> JobRounds:
    try:
        return from_wire(JobRounds, _document(path))
    except WireError as error:
        raise Invalid("audit.rounds", f"{path} holds no published rounds: {error}.") from error


def _document(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid("audit.file", f"{path} cannot be read as JSON.") from error


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Invalid("audit.file", f"{path} cannot be read.") from error
