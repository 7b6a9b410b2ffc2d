"""Green certificates on the carbon chain: a verifier for each circuit, and what keeps the certificates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from eth_abi.abi import encode
from eth_utils.crypto import keccak
from web3.contract import Contract

from fl_nodes.protocol.green import SIZES
from scripts.brownie.deployment import Built, Deployment
from scripts.brownie.refused import Refused
from scripts.circuits.keys import VerifyingKey, verifying_key

_KEY_TYPE = "(uint256[2],uint256[4],uint256[4],uint256[2][4])"


def circuit_keys(environment: Mapping[str, str]) -> dict[int, VerifyingKey] | None:
    """The verifying keys in CIRCUITS_DIR, by size; None where it is not set: then there are no certificates on this chain."""
    folder = environment.get("CIRCUITS_DIR")
    if not folder:
        return None
    try:
        return {size: verifying_key(Path(folder), size) for size in SIZES}
    except (OSError, ValueError, KeyError) as error:
        raise Refused(
            "deploy.circuits",
            f"CIRCUITS_DIR is {folder}, but has no keys there: make circuits makes them ({error}).",
        ) from error


def verifiers(verifier: Built) -> dict[str, Built]:
    """The verifier as it is deployed, under a name for each size."""
    return {_name(size): replace(verifier, name=_name(size)) for size in SIZES}


def deploy_green(deployment: Deployment, ledger: Contract, keys: Mapping[int, VerifyingKey]) -> None:
    """The verifiers and GreenCertificate; Refused `deploy.settings` where a chain was deployed with other keys."""
    made = []
    for size in SIZES:
        verifier = deployment.contract(_name(size), size, keys[size])
        deployment.require(verifier, "size", size, "the record")
        deployment.require(verifier, "keyHash", keccak(encode([_KEY_TYPE], [keys[size]])), "CIRCUITS_DIR")
        made.append(verifier.address)
    certificates = deployment.contract("GreenCertificate", ledger.address, *made)
    deployment.require(certificates, "ledger", ledger.address, "the record")


def _name(size: int) -> str:
    return f"GreenVerifier{size}"
