"""`ecodml verify BUNDLE`: whether an evidence bundle shows that a node cheated. Nobody's word is taken but the chain's.

Exit codes: 0 it does, 1 it does not, 2 it cannot be used.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import requests

from fl_nodes.cli.bundle_on_chain import asked, unasked
from fl_nodes.cli.market import Market, configuration
from fl_nodes.errors import NodeError, Refused, Unreachable
from fl_nodes.protocol.finding import Finding, Outcome
from fl_nodes.trust import ca_file_option, certificate_problem, trusting
from fl_nodes.work.bundle_checks import checks
from fl_nodes.work.bundle_file import Bundle, unpack

EXIT_GUILTY = 0
EXIT_NOT_SHOWN = 1
EXIT_UNUSABLE = 2
MAX_BUNDLE_BYTES = 16 * 2**30
TIMEOUT_SECONDS = (5.0, 60.0)
BLOCK_BYTES = 1 << 20
_MARKS = {Outcome.OK: "ok", Outcome.FAILED: "FAILED", Outcome.NOT_CHECKABLE: "not checkable"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    options = _parser().parse_args(argv)
    try:
        trusting(options.ca_file)
        market = _market(options)
        with tempfile.TemporaryDirectory(prefix="ecodml-verify-") as folder:
            path = _fetched(options.bundle, Path(folder) / "bundle.tar")
            (parts := Path(folder) / "parts").mkdir()
            read = unpack(path, parts)
            findings = _findings(read, options, market)
    except NodeError as error:
        if options.json:
            print(json.dumps({"error": {"code": error.code, "message": error.message}}))
        else:
            sys.stderr.write(f"{error.message} [{error.code}]\n")
        return EXIT_UNUSABLE
    guilty = all(f.outcome is not Outcome.FAILED for f in findings)
    document = _document(read, findings, guilty)
    print(
        json.dumps(document, indent=2, sort_keys=True)
        if options.json
        else "\n".join(_lines(document, findings))
    )
    return EXIT_GUILTY if guilty else EXIT_NOT_SHOWN


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ecodml verify",
        description="Check every hash, signature and path of an evidence bundle, run the accused segment again, and say whether "
        "it shows that the node cheated.",
        epilog="Exit status: 0 it does, 1 it does not, 2 the bundle cannot be used.",
    )
    parser.add_argument("bundle", metavar="BUNDLE", help="a file, or the URL of one")
    ca_file_option(parser)
    parser.add_argument("--id", metavar="HEX", help="the id that the bundle must have")
    parser.add_argument("--rpc", metavar="URL", help="the market chain, by default where the deployments say")
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--deployments", type=Path, metavar="FILE", help="the contracts, as deployments.json has them"
    )
    where.add_argument("--api", metavar="URL", help="ask this API for chain and contracts instead")
    parser.add_argument("--threads", type=int, help="threads of one TensorFlow operation")
    parser.add_argument("--json", action="store_true", help="machine-readable output")
    return parser


def _findings(read: Bundle, options: argparse.Namespace, market: Market | None) -> tuple[Finding, ...]:
    bound = checks(read, options.id)
    chain = asked(read, market) if market is not None else unasked()
    if any(f.outcome is Outcome.FAILED for f in bound):
        left = "The segment was not run again: what it consists of is not what the accused committed to."
        return (*bound, chain, Finding("replay", Outcome.NOT_CHECKABLE, left))
    from fl_nodes.training import determinism

    determinism.prepare(options.threads)
    from fl_nodes.work.bundle_replay import environment, replayed

    return (*bound, chain, environment(read), replayed(read))


def _market(options: argparse.Namespace) -> Market | None:
    if options.api:
        document = configuration(options.api.rstrip("/"))
    elif options.deployments:
        document = _deployments(options.deployments)
    elif options.rpc:
        raise Refused("verify.deployments", "--rpc needs the contracts too: --deployments FILE or --api URL.")
    else:
        return None
    try:
        market = dict(document["market"])
        return Market({"market": market | ({"rpc_url": options.rpc} if options.rpc else {})})
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("verify.deployments", f"That describes no market: {error}.") from error


def _deployments(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused("verify.deployments", f"{path} cannot be read as JSON.") from error
    return document


def _fetched(bundle: str, path: Path) -> Path:
    if not re.match(r"https?://", bundle):
        return Path(bundle)
    size = 0
    try:
        with requests.get(bundle, stream=True, timeout=TIMEOUT_SECONDS) as answer, path.open("wb") as file:
            if not answer.ok:
                raise Refused("verify.url", f"The bundle's address answers with status {answer.status_code}.")
            for block in answer.iter_content(BLOCK_BYTES):
                size += file.write(block)
                if size > MAX_BUNDLE_BYTES:
                    raise Refused(
                        "verify.url", f"That is larger than the {MAX_BUNDLE_BYTES:,} bytes a bundle can have."
                    )
    except requests.RequestException as error:
        why = certificate_problem(error) or "nobody does"
        raise Unreachable("verify.url", f"The bundle's address does not answer: {why}.") from error
    return path


def _document(read: Bundle, findings: Sequence[Finding], guilty: bool) -> dict[str, Any]:
    claim, manifest = read.claim, read.manifest
    return {
        "bundle": manifest.id,
        "chain_id": manifest.chain_id,
        "escrow": manifest.escrow,
        "job_id": manifest.job_id,
        "accused": claim.culprit,
        "round": claim.round,
        "segment": claim.segment,
        "evidence_hash": manifest.evidence_hash,
        "guilty": guilty,
        "findings": [asdict(finding) for finding in findings],
    }


def _lines(document: dict[str, Any], findings: Sequence[Finding]) -> list[str]:
    told = [
        f"Bundle  {document['bundle']}",
        f"Job     {document['job_id']} on chain {document['chain_id']}",
        f"Accused {document['accused']}, segment {document['segment']} of its work in round {document['round']}",
        "",
    ]
    for finding in findings:
        told.append(f"{_MARKS[finding.outcome]:13}  {finding.name:11}  {finding.detail}")
        if finding.next_step and finding.outcome is not Outcome.OK:
            told.append(f"{'':13}  {'':11}  -> {finding.next_step}")
    shows = "shows that" if document["guilty"] else "does not show that"
    return [*told, "", f"The bundle {shows} {document['accused']} cheated."]


if __name__ == "__main__":
    sys.exit(main())
