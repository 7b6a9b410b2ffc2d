"""The few functions, events and errors a customer needs, so that a receipt alone is enough to get the money back."""

from __future__ import annotations

from typing import Any


def _inputs(listed: str, indexed: int = -1) -> list[dict[str, Any]]:
    """`"bytes32 ref, uint256 fee"` as ABI inputs; the first `indexed` of them are topics of an event."""
    pairs = [part.split() for part in listed.split(", ") if part]
    made: list[dict[str, Any]] = [{"type": kind, "name": name} for kind, name in pairs]
    return [{**entry, "indexed": i < indexed} for i, entry in enumerate(made)] if indexed >= 0 else made


def _function(name: str, takes: str, gives: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    mutability = "nonpayable" if gives is None else "view"
    return {
        "type": "function",
        "name": name,
        "inputs": _inputs(takes),
        "outputs": gives or [],
        "stateMutability": mutability,
    }


def _event(name: str, carries: str, indexed: int) -> dict[str, Any]:
    return {"type": "event", "name": name, "anonymous": False, "inputs": _inputs(carries, indexed)}


def _error(name: str, carries: str) -> dict[str, Any]:
    return {"type": "error", "name": name, "inputs": _inputs(carries)}


_JOB = (
    "address customer, uint48 deadline, uint32 nextRound, uint128 fee, uint48 openedBlock, uint48 seedBlock, "
    "uint16 commissionBps, uint8 status, bool released, bytes32 commitment"
)
_PAID = "bytes32 ref, bytes32 specHash, bytes32 datasetHash, uint256 fee"

ESCROW_ABI: list[dict[str, Any]] = [
    _function(
        "openJobWithPermit",
        f"{_PAID}, uint64 deadline, uint256 permitDeadline, uint8 v, bytes32 r, bytes32 s",
    ),
    _function("reclaim", "bytes32 jobId"),
    _function("jobIdOf", "address customer, bytes32 ref", _inputs("bytes32 jobId")),
    _function("job", "bytes32 jobId", [{"type": "tuple", "name": "", "components": _inputs(_JOB)}]),
    _event(
        "JobOpened", f"bytes32 jobId, address customer, {_PAID}, uint48 deadline, uint16 commissionBps", 3
    ),
    _event("JobReclaimed", "bytes32 jobId, address customer, uint256 refund", 2),
    _error("JobEscrow_AlreadyOpened", "bytes32 jobId"),
    _error("JobEscrow_ZeroFee", ""),
    _error("JobEscrow_BadDeadline", "uint64 deadline, uint256 earliest, uint256 latest"),
    _error("JobEscrow_WrongStatus", "bytes32 jobId, uint8 status"),
    _error("JobEscrow_DeadlineNotReached", "bytes32 jobId, uint48 deadline"),
    _error("EnforcedPause", ""),
    _error("ERC20InsufficientAllowance", "address spender, uint256 allowance, uint256 needed"),
    _error("ERC20InsufficientBalance", "address sender, uint256 balance, uint256 needed"),
]
TOKEN_ABI: list[dict[str, Any]] = [
    _function("name", "", _inputs("string name")),
    _function("nonces", "address owner", _inputs("uint256 nonce")),
    _function("balanceOf", "address account", _inputs("uint256 amount")),
]
