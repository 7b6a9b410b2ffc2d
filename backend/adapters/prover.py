"""Proving with snarkjs in a Node.js process of its own: `scripts/circuits/prove.mjs` over the keys in a folder."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from backend.domain.green_proof import GreenClaim, GreenProof
from backend.errors import Conflict, Recoverable, Unrecoverable
from fl_nodes.protocol.green import BOUND_BITS
from fl_nodes.protocol.poseidon import FIELD

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "circuits" / "prove.mjs"
LONGEST_S = 120.0
NO_WITNESS = 3


class SnarkjsProver:
    """`ports.Prover`. `folder` holds one folder for each size, as `scripts.circuits` makes them."""

    def __init__(self, folder: Path, longest_s: float = LONGEST_S) -> None:
        self._folder = folder
        self._longest_s = longest_s

    def prove(self, claim: GreenClaim) -> GreenProof:
        """As the port says. The inputs go through a pipe, so the energies are never written to a disk."""
        keys = self._folder / str(claim.slots.size)
        if not (keys / "about.json").exists():
            sentence = f"There are no keys for {claim.slots.size} readings in {self._folder}: make circuits makes them."
            raise Unrecoverable("certificate.no_keys", sentence)
        try:
            ended = subprocess.run(
                ["node", str(SCRIPT), str(keys)],
                input=json.dumps(circuit_inputs(claim)),
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=self._longest_s,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Recoverable("certificate.prover", f"The prover did not answer: {error}.") from error
        if ended.returncode == NO_WITNESS:
            raise does_not_hold(claim)
        if ended.returncode != 0:
            raise Recoverable("certificate.prover", f"The prover failed: {ended.stderr.strip()[:500]}")
        return _proof(claim, json.loads(ended.stdout))


def circuit_inputs(claim: GreenClaim) -> dict[str, Any]:
    """The signals of `green_budget.circom`, numbers as decimal texts."""
    if not 0 <= claim.bound < 1 << BOUND_BITS:
        raise does_not_hold(claim)
    return {
        "job": str(int(claim.job, 16) % FIELD),
        "bound": str(claim.bound),
        "commitment": str(claim.slots.commitment(claim.job, claim.salt)),
        "factors": str(claim.slots.factors),
        "salt": str(claim.salt % FIELD),
        "millijoules": [str(value) for value in claim.slots.millijoules],
        "mgPerKwh": [str(value) for value in claim.slots.mg_per_kwh],
    }


def does_not_hold(claim: GreenClaim) -> Conflict:
    """The refusal to prove what is not so."""
    return Conflict(
        "certificate.over_bound",
        f"The job's readings come to {claim.slots.micrograms} µgCO2e, which is not under {claim.bound}: there is no such proof.",
    )


def _proof(claim: GreenClaim, said: dict[str, Any]) -> GreenProof:
    bound, commitment, factors = (int(value) for value in said["public"])
    points = tuple(int(value) for value in said["proof"])
    return GreenProof(claim.slots.size, bound, commitment, factors, points, float(said["seconds"]))
