"""The texts that nodes sign (EIP-191) and the verdict's typed data (EIP-712).

Every text carries chain id, escrow address and job, so that no signature means anything on another chain or job.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fl_nodes.protocol.hashing import digest
from fl_nodes.protocol.tasks import Benchmarked, Commitment, ValidationReport

DOMAIN_NAME = "EcoDML"
DOMAIN_VERSION = "1"

_HEX_DIGEST = 64


def hello_text(chain_id: int, escrow: str, nonce: str, address: str, role: str) -> str:
    """What a node signs to prove its key when it connects."""
    return f"EcoDML node sign-in\nchain: {chain_id}\nescrow: {escrow}\nnode: {address}\nrole: {role}\nnonce: {nonce}"


def commitment_text(chain_id: int, escrow: str, commitment: Commitment) -> str:
    """What a trainer signs about its round, before the challenge is known."""
    return _statement("commitment", chain_id, escrow, digest(replace(commitment, signature="")))


def report_text(chain_id: int, escrow: str, report: ValidationReport) -> str:
    """What a validator signs about the updates it scored and re-ran."""
    return _statement("validation report", chain_id, escrow, digest(replace(report, signature="")))


def benchmarked_text(chain_id: int, escrow: str, benchmarked: Benchmarked) -> str:
    """What a node signs about its benchmark, before it is known what of it will be re-run."""
    return _statement("benchmark", chain_id, escrow, digest(replace(benchmarked, signature="")))


def _statement(what: str, chain_id: int, escrow: str, sha256: str) -> str:
    return f"EcoDML {what}\nchain: {chain_id}\nescrow: {escrow}\nsha256: {sha256}"


def settle_typed_data(chain_id: int, escrow: str, message: dict[str, Any]) -> dict[str, Any]:
    """EIP-712 document of a SettleVerdict: jobId, resultHash, evidenceHash, payees, amounts, scores."""
    fields = [
        ("jobId", "bytes32"),
        ("resultHash", "bytes32"),
        ("evidenceHash", "bytes32"),
        ("payees", "address[]"),
        ("amounts", "uint256[]"),
        ("scores", "bytes32[]"),
    ]
    return typed_data(chain_id, escrow, "SettleVerdict", fields, message)


def payout_typed_data(chain_id: int, escrow: str, message: dict[str, Any]) -> dict[str, Any]:
    """EIP-712 document of a PayoutVerdict: jobId, resultHash, evidenceHash, payoutRoot, payees (see `payout_tree`)."""
    fields = [
        ("jobId", "bytes32"),
        ("resultHash", "bytes32"),
        ("evidenceHash", "bytes32"),
        ("payoutRoot", "bytes32"),
        ("payees", "uint256"),
    ]
    return typed_data(chain_id, escrow, "PayoutVerdict", fields, message)


def fail_typed_data(chain_id: int, escrow: str, message: dict[str, Any]) -> dict[str, Any]:
    """EIP-712 document of a FailVerdict: jobId, evidenceHash, culprits."""
    fields = [("jobId", "bytes32"), ("evidenceHash", "bytes32"), ("culprits", "address[]")]
    return typed_data(chain_id, escrow, "FailVerdict", fields, message)


def bytes32(hex_digest: str) -> bytes:
    """A hex digest (with or without 0x) as 32 bytes."""
    raw = bytes.fromhex(hex_digest.removeprefix("0x"))
    if len(raw) * 2 != _HEX_DIGEST:
        raise ValueError(f"expected 32 bytes, got {len(raw)}")
    return raw


def typed_data(
    chain_id: int, escrow: str, name: str, fields: list[tuple[str, str]], message: dict[str, Any]
) -> dict[str, Any]:
    """EIP-712 document in the product's domain on a contract: `fields` are (name, Solidity type) in the order of the struct."""
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            name: [{"name": field, "type": kind} for field, kind in fields],
        },
        "primaryType": name,
        "domain": {
            "name": DOMAIN_NAME,
            "version": DOMAIN_VERSION,
            "chainId": chain_id,
            "verifyingContract": escrow,
        },
        "message": message,
    }
