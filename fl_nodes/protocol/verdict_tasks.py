"""How validators are asked to sign a verdict, and what they answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fl_nodes.protocol.payout import WEIGHTS, Weights
from fl_nodes.protocol.tasks import Benchmarked, Commitment, ObjectRef, ValidationReport


@dataclass(frozen=True)
class EnergyBasis:
    """What the trainers' energy claims are held against (`protocol.plausibility`): what the job asked of each of them, and by
    trainer the benchmark it signed, where it has done one.
    """

    architecture: dict[str, Any]
    local_epochs: int
    baselines: dict[str, Benchmarked] = field(default_factory=dict)


@dataclass(frozen=True)
class VerdictTask:
    """Sign the verdict, if it follows from the signed reports: see `protocol.verdict.check`."""

    job_id: str
    chain_id: int
    escrow: str
    outcome: str
    trainers: tuple[str, ...]
    validator_keys: dict[str, str]
    trainer_keys: dict[str, str]
    fee_wei: str
    commission_bps: int
    scheme: str
    rounds: int
    result_sha256: str
    reports: tuple[ValidationReport, ...]
    commitments: tuple[Commitment, ...]
    culprits: tuple[str, ...] = ()
    payees: tuple[str, ...] = ()
    amounts_wei: tuple[str, ...] = ()
    result: ObjectRef | None = None
    weights: Weights = WEIGHTS
    energy_basis: EnergyBasis | None = None


@dataclass(frozen=True)
class VerdictSignature:
    """A validator's EIP-712 signature over the verdict, or why it refuses."""

    validator: str
    signature: str
    refusal: str = ""
